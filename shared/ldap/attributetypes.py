"""The names of standard attribute types: the aliases and object identifiers that a DN may write instead of the usual name.

Sources: RFC 4519, RFC 4524, RFC 2798, RFC 2985. Nothing here says what is read of an entry: that is `shared.ldap.mapping`.
"""

from typing import Final

_COSINE: Final = "0.9.2342.19200300.100.1"
_TYPES: Final = (
    ("businesscategory", "2.5.4.15"),
    ("c", "countryname", "2.5.4.6"),
    ("cn", "commonname", "2.5.4.3"),
    ("co", "friendlycountryname", f"{_COSINE}.43"),
    ("dc", "domaincomponent", f"{_COSINE}.25"),
    ("departmentnumber", "2.16.840.1.113730.3.1.2"),
    ("description", "2.5.4.13"),
    ("displayname", "2.16.840.1.113730.3.1.241"),
    ("dnqualifier", "2.5.4.46"),
    ("emailaddress", "email", "e", "pkcs9email", "1.2.840.113549.1.9.1"),
    ("employeenumber", "2.16.840.1.113730.3.1.3"),
    ("employeetype", "2.16.840.1.113730.3.1.4"),
    ("facsimiletelephonenumber", "fax", "2.5.4.23"),
    ("generationqualifier", "2.5.4.44"),
    ("givenname", "gn", "2.5.4.42"),
    ("homephone", "hometelephonenumber", f"{_COSINE}.20"),
    ("host", f"{_COSINE}.9"),
    ("initials", "2.5.4.43"),
    ("l", "localityname", "2.5.4.7"),
    ("mail", "rfc822mailbox", f"{_COSINE}.3"),
    ("mobile", "mobiletelephonenumber", f"{_COSINE}.41"),
    ("name", "2.5.4.41"),
    ("o", "organizationname", "2.5.4.10"),
    ("ou", "organizationalunitname", "2.5.4.11"),
    ("pager", "pagertelephonenumber", f"{_COSINE}.42"),
    ("postalcode", "2.5.4.17"),
    ("serialnumber", "2.5.4.5"),
    ("sn", "surname", "2.5.4.4"),
    ("st", "s", "stateorprovincename", "2.5.4.8"),
    ("street", "streetaddress", "2.5.4.9"),
    ("telephonenumber", "2.5.4.20"),
    ("title", "2.5.4.12"),
    ("uid", "userid", f"{_COSINE}.1"),
    ("uniqueidentifier", f"{_COSINE}.44"),
    ("x500uniqueidentifier", "2.5.4.45"),
)
ALIASES: Final = {alias: usual for usual, *aliases in _TYPES for alias in aliases}
"""Other names and object identifiers, in lower case, to the usual name."""


def usual_name(name: str) -> str:
    """Return the usual name of an attribute type, in lower case; a name that is not standard stays.

    `userid`, `0.9.2342.19200300.100.1.1` and `OID.0.9.2342.19200300.100.1.1` are `uid`.
    """
    lower = name.strip().lower().removeprefix("oid.")
    return ALIASES.get(lower, lower)
