"""From sections of sip.conf, users.conf and pjsip.conf to people."""

from pathlib import Path

from tests.provision.importing.desk import SIP_CONF, entries_of, imported, rows_of


def people(tmp_path: Path, conf: str) -> tuple[dict[str, dict[str, str]], list[tuple[str, str, str]]]:
    """The persons by user, attributes in lower case, and the report."""
    done = imported(tmp_path, conf=conf)
    found = {
        dn.partition(",")[0].removeprefix("uid="): {name: " | ".join(values) for name, values in entry.items()}
        for dn, entry in entries_of(done).items()
        if dn.startswith("uid=")
    }
    for entry in found.values():
        own = " | dialtreeAccount" if {"dialtreeauthname", "dialtreeextension"} & set(entry) else ""
        assert entry.pop("objectclass") == f"inetOrgPerson | AsteriskSIPUser{own}"
    return found, rows_of(done)


def test_a_friend_is_a_person_with_an_account(tmp_path: Path) -> None:
    found, rows = people(
        tmp_path,
        "[general]\ncontext=default\n[1001]\ntype=friend\nhost=dynamic\nsecret=one\ncallerid=Alice M. Martin <1001>\n"
        "mailbox=1001@default\nmailbox=2@x\ncallgroup=1,3-4\npickupgroup=1\n",
    )
    assert found == {
        "1001": {
            "uid": "1001", "cn": "Alice M. Martin", "sn": "Martin", "givenname": "Alice M.", "astaccountname": "1001",
            "astaccountsecret": "one", "astaccountcallerid": "Alice M. Martin <1001>",
            "astaccountmailbox": "1001@default,2@x", "astaccountcontext": "default", "astaccountcallgroup": "1,3-4",
            "astaccountpickupgroup": "1",
        }
    }  # fmt: skip
    assert rows == []


def test_somebody_without_a_name_has_the_accounts(tmp_path: Path) -> None:
    found, _ = people(tmp_path, "[door]\ntype=user\nsecret=x\ncallerid=<0199>\n")
    assert (found["door"]["cn"], found["door"]["sn"]) == ("door", "door")


def test_what_is_no_phone_is_reported_and_left_out(tmp_path: Path) -> None:
    found, rows = people(
        tmp_path,
        "[general]\nregister => me:s3cret@sip.example.net/100\nregister => out?me@d:s3cret:me@10.9.9.9:5060\n"
        "[authentication]\nauth=me:s3cret@realm\n"
        "[provider]\ntype=peer\nhost=sip.example.net\n[out]\ntype=friend\nhost=dynamic\n[pstn]\ntype=peer\nhost=10.0.0.9\n"
        "[x]\nsecret=s3cret\n[y]\ntype=trunk\n[1001]\ntype=friend\nhost=dynamic\nsecret=one\n",
    )
    assert list(found) == ["1001"]
    assert rows == [
        ("lost", "register line for sip.example.net", "sip.conf:2"),
        ("lost", "register line for 10.9.9.9", "sip.conf:3"),
        ("lost", "[provider]", "sip.conf:6"),
        ("lost", "[out]", "sip.conf:9"),
        ("lost", "[pstn]", "sip.conf:12"),
        ("lost", "[x]", "sip.conf:15"),
        ("lost", "[y]", "sip.conf:17"),
        ("note", "auth", "sip.conf"),
    ]


def test_a_peer_with_a_fixed_address_is_a_phone_when_a_phones_file_names_it(tmp_path: Path) -> None:
    conf = "[1001]\ntype=peer\nhost=10.0.0.7\nsecret=one\n"
    done = imported(tmp_path, conf=conf, files={"ST2030S_00147F000001.txt": "[sip]\nTEL1Number=1001\n"})
    assert done.people == 1
    assert done.report.is_complete


def test_a_missing_password_is_reported(tmp_path: Path) -> None:
    _, rows = people(
        tmp_path, "[1001]\ntype=friend\nhost=dynamic\n[1002]\ntype=friend\nhost=dynamic\nmd5secret=0123456789abcdef\n"
    )
    assert rows == [
        ("lost", "account 1001", "sip.conf:1"),
        ("lost", "account 1002", "sip.conf:4"),
        ("note", "md5secret", "sip.conf"),
    ]


def test_of_two_sections_of_one_name_the_last_one_counts(tmp_path: Path) -> None:
    found, rows = people(tmp_path, "[1]\ntype=friend\nsecret=a\n[1]\ntype=friend\nsecret=b\n")
    assert found["1"]["astaccountsecret"] == "b"
    assert rows == [("lost", "[1]", "sip.conf:1")]


def test_users_conf_says_who_has_sip_and_voicemail(tmp_path: Path) -> None:
    found, rows = people(
        tmp_path,
        "[general]\nhassip=yes\nhasvoicemail=no\ncallgroup=1\ncontext=office\n"
        "[6001]\nfullname=Élodie Lefèvre\nsecret=one\nhasvoicemail=yes\ncid_number=0199002012\nemail=e@example.org\n"
        "[6002]\nfullname=Bob\nsecret=two\nmailbox=6000\ncontext=own\n"
        "[6003]\nhassip=no\nhasiax=yes\n[trunk_1]\ntrunkname=Provider\nregistersip=yes\n",
    )
    assert {user: (e["cn"], e["astaccountcallerid"], e["astaccountmailbox"]) for user, e in found.items()} == {
        "6001": ("Élodie Lefèvre", '"Élodie Lefèvre" <0199002012>', "6001"),
        "6002": ("Bob", '"Bob" <6002>', "6000"),
    }
    assert found["6001"]["mail"] == "e@example.org"
    assert [entry["astaccountcontext"] for entry in found.values()] == ["office", "own"]
    assert rows == [
        ("lost", "[trunk_1]", "sip.conf:20"),
        ("note", "[6003]", "sip.conf:17"),
    ]


def test_pjsip_is_known_by_its_content(tmp_path: Path) -> None:
    found, rows = people(
        tmp_path,
        "[udp]\ntype=transport\nprotocol=udp\n[phone](!)\ntype=endpoint\ncontext=office\ncall_group=1\npickup_group=2\n"
        "[userpass](!)\ntype=auth\nauth_type=userpass\n[single](!)\ntype=aor\nmax_contacts=1\n"
        "[1001](phone)\nauth=auth1001\naors=1001\ncallerid=Alice Martin <1001>\n[auth1001](userpass)\nusername=1001\npassword=one\n"
        "[1001](single)\nmailboxes=1001@default\n"
        "[1002](phone)\nauth=1002\naors=1002\n[1002](userpass)\nusername=1002\nmd5_cred=0123\n[1002](single)\n"
        "[out]\ntype=registration\nserver_uri=sip:x\n[provider]\ntype=endpoint\noutbound_auth=out\naors=provider\n"
        "[static](phone)\naors=static\n[static]\ntype=aor\ncontact=sip:10.0.0.9\n[1003](phone)\nauth=none\n[z]\nx=1\n",
    )
    assert found == {
        "1001": {
            "uid": "1001", "cn": "Alice Martin", "sn": "Martin", "givenname": "Alice", "astaccountname": "1001",
            "astaccountsecret": "one", "astaccountcallerid": "Alice Martin <1001>", "astaccountmailbox": "1001@default",
            "astaccountcontext": "office", "astaccountcallgroup": "1", "astaccountpickupgroup": "2",
        },
        "1002": {
            "uid": "1002", "cn": "1002", "sn": "1002", "astaccountname": "1002",
            "astaccountcontext": "office", "astaccountcallgroup": "1", "astaccountpickupgroup": "2",
        },
        "1003": {
            "uid": "1003", "cn": "1003", "sn": "1003", "astaccountname": "1003",
            "astaccountcontext": "office", "astaccountcallgroup": "1", "astaccountpickupgroup": "2",
        },
    }  # fmt: skip
    assert [row[:2] for row in rows] == [
        ("lost", "[out] type=registration"),
        ("lost", "[provider]"),
        ("lost", "[static]"),
        ("lost", "[1003]"),
        ("lost", "[z]"),
        ("lost", "account 1002"),
        ("lost", "account 1003"),
        ("note", "[udp] type=transport"),
        ("note", "[static] type=aor"),
        ("note", "auth_type, max_contacts, md5_cred"),
    ]


def test_an_endpoint_that_authenticates_by_another_name_keeps_both(tmp_path: Path) -> None:
    found, rows = people(
        tmp_path,
        "[1001]\ntype=endpoint\nauth=a\naors=1001\n[a]\ntype=auth\nusername=alice\npassword=one\n[1001]\ntype=aor\n",
    )
    assert list(found) == ["1001"]
    assert (found["1001"]["astaccountname"], found["1001"]["dialtreeauthname"]) == ("1001", "alice")
    assert rows == [("note", "auth_name", "import.ldif")]


def test_users_are_compared_without_regard_to_case(tmp_path: Path) -> None:
    found, rows = people(tmp_path, "[Alice]\ntype=friend\nsecret=a\n[alice]\ntype=friend\nsecret=b\n")
    assert list(found) == ["alice"]
    assert rows == [("lost", "[Alice]", "sip.conf:1")]


def test_accounts_of_phones_that_asterisk_does_not_know_are_made_and_reported(tmp_path: Path) -> None:
    text = "[sip]\nTEL1Number=1009\nregid1=1009\nregpwd1=nine\nDisplayName1=Zoé\n"
    done = imported(tmp_path, conf=SIP_CONF, files={"ST2030S_00147F000001.txt": text})
    assert entries_of(done)["uid=1009,ou=people"]["cn"] == ("Zoé",)
    assert rows_of(done) == [("lost", "account 1009", "ST2030S_00147F000001.txt:2")]
