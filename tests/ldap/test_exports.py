"""LDIF as tools write it: each export holds Alice, and all of what is asked of her."""

import base64
import codecs
import logging
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from shared.errors import LdifError
from shared.ldap.entry import Entry
from shared.ldap.ldif import LdifSource, partial_values
from shared.ldap.ldiftext import parse_ldif
from shared.ldap.source import Kind, Stream, Upsert

FOLDER = Path(__file__).parent / "exports"
ALICE = "uid=alice,ou=people,dc=example,dc=org"
ROOT = "dn: dc=example,dc=org\nobjectClass: dcObject\nobjectClass: organization\no: Example\ndc: example\n"
BODY = "objectClass: inetOrgPerson\nuid: alice\ncn: Alice Martin\nsn: Martin\ntelephoneNumber: +33 1 99 00 20 10\n"
PLAIN = f"{ROOT}\ndn: {ALICE}\n{BODY}"
UUID = "entryUUID: 9b3ea52a-7b0d-1041-889c-475ee5dbb667\n"
PEOPLE = Stream(Kind.PERSON, "dc=example,dc=org", "subtree", "(uid=alice)", ("uid", "cn", "sn", "telephoneNumber"))
GROUPS = Stream(Kind.GROUP, "dc=example,dc=org", "subtree", "(objectClass=groupOfNames)", ("member",))
CSN = "vucsn-5b1f9d2e000000010000"


def with_alice(more: str, of: str = BODY) -> str:
    return f"{ROOT}\ndn: {ALICE}\n{of}{more}"


EXPORTS: dict[str, str | bytes] = {
    "a plain file": PLAIN,
    "ldapsearch": f"# extended LDIF\n#\n# LDAPv3\n# base <dc=example,dc=org> with scope subtree\n# filter: (objectclass=*)\n"
    f"# requesting: ALL\n#\n\n# example.org\n{ROOT}\n# alice, people, example.org\ndn: {ALICE}\n{BODY}\n"
    "# search result\nsearch: 2\nresult: 0 Success\n\n# numResponses: 3\n# numEntries: 2\n",
    "ldapsearch -L": f"version: 1\n\n#\n# LDAPv3\n#\n\n{PLAIN}\n# search reference\n# refldap://other/dc=x\n\n# search result\n",
    "ldapsearch -LLL": PLAIN + "\n",
    "ldapsearch with references": f"{PLAIN}\n# search reference\nref: ldap://a.example/dc=a??sub\n\nref: ldap://b/dc=b\nref: ldap://c/\n",
    "ldapsearch by pages": f"{ROOT}\n# search result\nsearch: 2\nresult: 0 Success\ncontrol: 1.2.840.113556.1.4.319 false MA==\n"
    f"pagedresults: cookie=AAAA\n\ndn: {ALICE}\n{BODY}\n# search result\nsearch: 3\nresult: 0 Success\npagedresults: cookie=\n",
    "ldapsearch of another server": f"{PLAIN}\nsearch: 3\nresult: 0 OK\nmatchedDN:\ntext: done\n",
    "ldapsearch of a few attributes": f"dn: dc=example,dc=org\n\ndn: ou=people,dc=example,dc=org\n\ndn: {ALICE}\n{BODY}\n"
    "dn: ou=empty,dc=example,dc=org\n\nsearch: 2\nresult: 0 Success\n",
    "ldapsearch -t": with_alice("jpegPhoto:< file:///tmp/ldapsearch-jpegPhoto-dLKP0G\n"),
    "ldapsearch -E sync": with_alice("", f"control: 1.3.6.1.4.1.4203.1.9.1.2 false MBUKAQEEEA==\n{BODY}"),
    "ldapsearch of Active Directory": with_alice(
        f"objectGUID:: {base64.b64encode(bytes(range(240, 256))).decode()}\nmemberOf;range=0-1499: cn=a,dc=example,dc=org\n"
    ),
    "ldapsearch of many members": f"{PLAIN}\ndn: cn=all,dc=example,dc=org\nobjectClass: groupOfNames\nmember;range=0-0: {ALICE}\n",
    "ldifde": PLAIN.replace("\nobjectClass: inetOrg", "\nchangetype: add\nobjectClass: inetOrg"),
    "ldifde, all entries": f"dn: dc=example,dc=org\nchangetype: add\no: x\n\ndn: {ALICE}\nChangeType: Add\n{BODY}".replace(
        "\n", "\r\n"
    ),
    "ldifde -u": codecs.BOM_UTF16_LE
    + f"dn: {ALICE}\nchangetype: add\n{BODY}".replace("\n", "\r\n").encode("utf-16-le"),
    "UTF-16, big endian": codecs.BOM_UTF16_BE + PLAIN.encode("utf-16-be"),
    "UTF-16 without a last line end": codecs.BOM_UTF16_LE + PLAIN.rstrip("\n").encode("utf-16-le"),
    "UTF-16 of an old Mac": codecs.BOM_UTF16_BE + PLAIN.replace("\n", "\r").encode("utf-16-be"),
    "Notepad": codecs.BOM_UTF8 + PLAIN.replace("\n", "\r\n").encode(),
    "two files of Notepad, one behind the other": codecs.BOM_UTF8
    + ROOT.encode()
    + b"\n"
    + codecs.BOM_UTF8
    + f"dn: {ALICE}\n{BODY}".encode(),
    "an old Mac": PLAIN.replace("\n", "\r"),
    "an old Mac with a mark": codecs.BOM_UTF8 + PLAIN.replace("\n", "\r").encode(),
    "a file that was transferred as text twice": PLAIN.replace("\n", "\r\r\n"),
    "DOS": PLAIN.replace("\n", "\r\n") + "\x1a",
    "DOS with more behind the end": PLAIN.replace("\n", "\r\n") + "\r\n\x1a\r\n\x1a\r\n",
    "DOS, at the end of the last line": PLAIN.rstrip("\n") + "\x1a\n",
    "UTF-16 with Ctrl-Z": codecs.BOM_UTF16_LE + (PLAIN + "\x1a").encode("utf-16-le"),
    "continuations by tab": PLAIN.replace("Alice Martin", "Alice\n\t Martin").replace("20 10", "20\n\t 10"),
    "continuations everywhere": PLAIN.replace("ou=people", "ou=pe\n ople").replace("sn: Martin", "s\n n: Mar\n tin"),
    "a comment in several lines": PLAIN.replace("sn:", "# a comment\n  that goes on\n\tand on\nsn:"),
    "blanks in the empty lines": PLAIN.replace("\n\n", "\n \n"),
    "more blanks in the empty lines": PLAIN.replace("\n\n", "\n  \t \n \n") + "  \n\t\n",
    "many empty lines": "\n\n" + PLAIN.replace("\n\n", "\n\n\n\n") + "\n\n\n",
    "base64 throughout": f"{ROOT}\ndn:: {base64.b64encode(ALICE.encode()).decode()}\n"
    f"{BODY.replace('cn: Alice Martin', 'cn:: QWxpY2UgTWFydGlu')}",
    "Apache Directory Studio": "version: 1\n\n" + with_alice(f"{UUID}entryDN: {ALICE}\nsubschemaSubentry: cn=schema\n"),
    "OpenDJ": with_alice(
        f"{UUID}ds-sync-hist: cn:0160f3a5b6d8000000000000:repl:Alice Martin\nds-pwp-account-disabled: false\n"
    ),
    "389 db2ldif": "version: 1\n\n# entry-id: 1\n"
    + PLAIN.replace("\ndn: uid", "\n# entry-id: 2\ndn: uid")
    + "nsUniqueId: 5b1f9d2e-1dd211b2\n",
    "389 db2ldif -r": with_alice(
        "telephoneNumber;vdcsn-5b1f9d2e000000010000;deleted: +33 1 99 00 20 99\n"
        "mobile;adcsn-5b1f9d2e000000010000;deletedattribute;deleted:\n",
        BODY.replace("cn:", f"cn;{CSN};mdcsn-5b1f9d2e000000010000:").replace(
            "uid:", f"uid;adcsn-5b1f9d2e000000010000;{CSN}:"
        ),
    )
    + "\ndn: nsuniqueid=5b1f9d2e-1dd211b2,uid=alice,dc=example,dc=org\nobjectClass: nsTombstone\nuid: alice\ncn: Gone\nsn: Gone\n",
    "slapcat": with_alice(
        f"structuralObjectClass: inetOrgPerson\n{UUID}creatorsName: cn=admin\ncreateTimestamp: 20261128120000Z\n"
        "entryCSN: 20261128120000.000000Z#000000#000#000000\nmodifiersName: cn=admin\nmodifyTimestamp: 20261128120000Z\n"
    ),
    "phpLDAPadmin": f"# LDIF Export for dc=example,dc=org\n# Server: x (ldap://x)\n\nversion: 1\n\n# Entry 1: dc=example\n{PLAIN}",
    "Thunderbird": with_alice("modifytimestamp: 0\nmozillaHomeLocalityName: Lyon\nmail:\n"),
    "two files of Apache Directory Studio, one behind the other": f"version: 1\n\n{ROOT}\nversion: 1\n\ndn: {ALICE}\n{BODY}",
    "two files with the version above the first entry": f"Version: 1\n{ROOT}\nversion: 1\ndn: {ALICE}\n{BODY}",
    "ldbsearch of Samba": f"# record 1\n{ROOT}\n# record 2\ndn: {ALICE}\n{BODY}\n# Referral\nref: ldap://x/CN=Configuration\n\n"
    "# returned 3 records\n# 2 entries\n# 1 referrals\n",
    "a photo on a web server": with_alice("jpegPhoto:<http://example.org/a.jpg\nlabeledURI: http://example.org/ A\n"),
}


def find(path: Path, stream: Stream = PEOPLE) -> list[Entry]:
    source = LdifSource(path)
    source.connect()
    return [item.entry for item in source.poll(stream, None) if isinstance(item, Upsert)]


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str | bytes], Path]:
    def written(content: str | bytes) -> Path:
        path = tmp_path / "directory.ldif"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        os.utime(path, (1_600_000_000, 1_600_000_000))
        return path

    return written


@pytest.mark.parametrize("tool", EXPORTS)
def test_the_export_of_a_tool_is_read(tool: str, write: Callable[[str | bytes], Path]) -> None:
    (alice,) = find(write(EXPORTS[tool]))
    assert alice.dn == ALICE
    assert alice.attributes == {
        "uid": ("alice",), "cn": ("Alice Martin",), "sn": ("Martin",), "telephonenumber": ("+33 1 99 00 20 10",),
    }  # fmt: skip


@pytest.mark.parametrize("name", ["ldapsearch-ref", "ldapsearch-trailer", "ldifde", "photo-url", "range", "utf16"])
def test_the_export_in_a_file_is_read(name: str) -> None:
    (alice,) = find(FOLDER / f"{name}.ldif")
    assert alice.attributes["cn"] == ("Alice Martin",)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\x1a"])
@pytest.mark.parametrize("charset", ["utf-8", "utf-16"])
def test_a_file_that_ends_with_a_line_is_whole_a_moment_after_it_was_written(
    tmp_path: Path, end: str, charset: str
) -> None:
    path = tmp_path / "directory.ldif"
    path.write_bytes((PLAIN.rstrip("\n") + end).encode(charset))
    assert len(find(path)) == 1


@pytest.mark.parametrize(
    ("content", "line", "problem"),
    [
        (PLAIN + "\nsearch: 2\nresult: 4 Size limit exceeded\n", 15, "ended with result 4 Size limit exceeded"),
        (PLAIN + "\nsearch: 2\nresult: 10 Referral\n", 15, "entries may be missing"),
        (PLAIN + "\nsearch: 2\nresult:\n", 15, "entries may be missing"),
        (PLAIN + "\nsearch: 2\nresult: 0 Success\npagedresults: cookie=AAAA\n", 16, "more pages than the file"),
        (PLAIN + "\nsearch: 2\ncn: x\n", 14, "begins with dn:"),
        (with_alice("changetype: modify\nadd: mobile\nmobile: 1\n"), 13, "a change record (modify) is not read"),
        (f"{PLAIN}\ndn: {ALICE}\nchangetype: delete\n", 15, "a change record (delete)"),
        (with_alice("changetype:< file:///tmp/x\n"), 13, "URL"),
        (with_alice("control: 1.2.3 true\n"), 13, "critical control"),
        (with_alice("entryUUID:< file:///tmp/x\n"), 13, "URL"),
        (f"dn:< file:///tmp/x\n{BODY}", 1, "URL"),
        (PLAIN.replace("cn: Alice Martin", "cn:< file:///etc/passwd"), 10, "cn is needed, and values from a URL"),
        (PLAIN.replace("uid: alice", "uid:< file:///etc/passwd"), 9, "uid is needed, and values from a URL"),
        (codecs.BOM_UTF16_LE + PLAIN.encode("utf-16-le") + b"a", 13, "this is not UTF-16"),
        (codecs.BOM_UTF16_LE + ROOT.encode("utf-16-le") + b"\x00\xd8\x0a\x00", 6, "this is not UTF-16"),
        (PLAIN.encode("utf-16-le"), 1, "a NUL byte"),
        (codecs.BOM_UTF32_LE + PLAIN.encode("utf-32-le"), 1, "UTF-32"),
        (ROOT + "\x1a\n\ndn: uid=b\nuid: b\n", 6, "no colon"),
        (b"PK\x03\x04 a spreadsheet \n", 1, "no colon"),
        ("<html>\n<body>\n", 1, "no colon"),
        ('"cn","sn"\n"Alice","Martin"\n', 1, "no colon"),
        (f"{ROOT}\n\t{BODY}", 7, "continuation"),
        (with_alice("member;range=0-: x\n"), 13, "not an attribute name"),
    ],
)
def test_what_is_broken_is_named_with_file_line_and_reason(
    content: str | bytes, line: int, problem: str, write: Callable[[str | bytes], Path]
) -> None:
    path = write(content)
    with pytest.raises(LdifError) as caught:
        find(path)
    assert str(caught.value).startswith(f"{path}, line {line}: ")
    assert problem in str(caught.value)


def test_a_search_that_found_nothing_is_no_directory_without_people(write: Callable[[str | bytes], Path]) -> None:
    with pytest.raises(LdifError, match="no entry"):
        find(write("# extended LDIF\n\n# search result\nsearch: 2\nresult: 0 Success\n\n# numResponses: 1\n"))


def test_a_value_elsewhere_is_an_error_for_those_only_who_need_it(write: Callable[[str | bytes], Path]) -> None:
    bob = "\ndn: uid=bob,dc=example,dc=org\nuid: bob\ncn:< file:///tmp/cn\n"
    assert [entry.dn for entry in find(write(PLAIN + bob))] == [ALICE]
    with pytest.raises(LdifError, match="URL"):
        list(parse_ldif("x.ldif", (PLAIN + bob).encode().splitlines(keepends=True)))


# --- ranges


def group(*records: str) -> str:
    return PLAIN + "".join(f"\ndn: cn=all,dc=example,dc=org\n{record}" for record in records)


HEAD = "objectClass: groupOfNames\ncn: all\n"


@pytest.mark.parametrize(
    "records",
    [
        [HEAD + "member;range=0-*: cn=a\nmember;range=0-*: cn=b\nmember;range=0-*: cn=c\n"],
        [HEAD + "member;range=0-1: cn=a\nmember;range=0-1: cn=b\nmember;range=2-*: cn=c\n"],
        [HEAD + "member;Range=0-1: cn=a\nmember;range=0-1: cn=b\n", HEAD + "member;range=2-*: cn=c\n"],
        [HEAD + "member;range=0-0: cn=a\n", "member;range=1-1: cn=b\n", "member;range=2-*: cn=c\n"],
        ["member;range=2-*: cn=c\n", HEAD + "member;range=0-1: cn=a\nmember;range=0-1: cn=b\n"],
        [HEAD + "member: cn=a\nmember;range=0-1: cn=a\nmember;range=0-1: cn=b\nmember;range=2-*: cn=c\n"],
    ],
)
def test_the_parts_of_an_attribute_are_one_wherever_they_stand(
    records: list[str], write: Callable[[str | bytes], Path]
) -> None:
    path = write(group(*records))
    (found,) = find(path, GROUPS)
    assert sorted(set(found.attributes["member"])) == ["cn=a", "cn=b", "cn=c"]
    assert list(partial_values(path, [PEOPLE, GROUPS])) == []


@pytest.mark.parametrize(
    ("records", "missing"),
    [
        ([HEAD + "member;range=0-1499: cn=a\n"], "the values from 1500 on"),
        ([HEAD + "member;range=0-1: cn=a\n", HEAD + "member;range=4-*: cn=c\n"], "values 2 to 3"),
        ([HEAD + "member;range=1500-*: cn=a\n"], "values 0 to 1499"),
    ],
)
def test_parts_that_are_missing_are_named_where_somebody_asks_for_them(
    records: list[str], missing: str, write: Callable[[str | bytes], Path], caplog: pytest.LogCaptureFixture
) -> None:
    path = write(group(*records))
    with caplog.at_level(logging.WARNING):
        assert len(find(path)) == 1
    assert caplog.messages == []
    with caplog.at_level(logging.WARNING):
        assert len(find(path, GROUPS)) == 1
    (message,) = caplog.messages
    assert message.startswith(f"{path}, line ")
    assert missing in message
    ((stream, dn, defect),) = partial_values(path, [PEOPLE, GROUPS])
    assert (stream, dn, defect.attribute) == (GROUPS, "cn=all,dc=example,dc=org", "member")


@pytest.mark.parametrize(
    "records",
    [
        [HEAD + "member;range=0-0: cn=a\n", HEAD.replace("all", "other") + "member;range=1-*: cn=b\n"],
        [HEAD + "member: cn=a\n", HEAD + "member: cn=b\n"],
        [HEAD + "member: cn=a\n", HEAD + "member;range=1-*: cn=b\n"],
    ],
)
def test_an_entry_that_is_there_twice_is_an_error_unless_it_comes_in_parts(
    records: list[str], write: Callable[[str | bytes], Path]
) -> None:
    with pytest.raises(LdifError, match="the entry of line 14 has the same DN"):
        find(write(group(*records)))
