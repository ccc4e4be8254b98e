"""What the provision service reads of LDAP: which kinds of entries, and of each the fields it needs and no other."""

from typing import Final

from shared.ldap.source import Kind, Read, Reads

_SERVERS: Final = ("registrar", "backup_registrar", "transport")
READS: Final[Reads] = {
    Kind.PERSON: Read(("display_name", "surname", "given_name", "language", "country")),
    Kind.ACCOUNT: Read(("user", "auth_name", "extension", "secret", "caller_id", "mailbox", *_SERVERS)),
    Kind.PHONE: Read(("mac", "owner", "key", "setting", "line", "model", "profile")),
    Kind.PROFILE: Read(("name", "parent", "setting", "time_zone", "language", "country", "file", "key")),
}
