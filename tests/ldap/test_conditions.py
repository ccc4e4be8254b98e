"""Conditions by which a disabled account is known."""

import pytest

from shared.ldap.conditions import parse_condition

NOW = 20_000 * 86400


@pytest.mark.parametrize(
    ("condition", "values", "holds"),
    [
        ("nsAccountLock", ["TRUE"], True),
        ("nsAccountLock", ["anything"], True),
        ("nsAccountLock", [""], True),
        ("nsAccountLock", ["FALSE"], False),
        ("nsAccountLock", [" no "], False),
        ("nsAccountLock", ["FALSE", "TRUE"], True),
        ("nsAccountLock", [], False),
        ("pwdAccountLockedTime=000001010000Z", ["000001010000Z"], True),
        ("pwdAccountLockedTime=000001010000Z", ["20260101000000Z"], False),
        ("state = Left The House", ["left the house"], True),
        ("userAccountControl&2", ["514"], True),
        ("userAccountControl&2", ["512"], False),
        ("userAccountControl&2", ["0x202"], True),
        ("shadowExpire<=today", ["1"], True),
        ("shadowExpire<=today", ["20000"], True),
        ("shadowExpire<=today", ["20001"], False),
        ("shadowExpire<=today", ["-1"], False),
        ("shadowExpire<=today", ["soon"], True),
        ("shadowExpire<=today", ["9" * 30], True),
        ("shadowExpire<=today", ["0"], True),
        ("shadowExpire<=today", [""], False),
        ("shadowExpire <= today", ["20000"], True),
        ("accountExpires<=now(filetime)", ["0"], False),
        ("accountExpires<=now(filetime)", ["9223372036854775807"], False),
        ("accountExpires<=now(filetime)", [str((NOW + 11_644_473_600) * 10**7)], True),
        ("accountExpires<=now(filetime)", [str((NOW + 11_644_473_600) * 10**7 + 10)], False),
        ("accountExpires<=now(filetime)", ["9223372036854775808"], True),
        ("accountExpires<=now(filetime)", ["-1"], True),
        ("accountExpires<=now(filetime)", ["never"], True),
        ("accountExpires<=now(filetime)", ["0", "1"], True),
        ("krbPrincipalExpiration<=now", ["20241004000000Z"], True),
        ("krbPrincipalExpiration<=now", ["20241004000001Z"], False),
        ("krbPrincipalExpiration<=now", ["1"], True),
        ("sambaKickoffTime<=now(seconds)", [str(NOW)], True),
        ("sambaKickoffTime<=now(seconds)", [str(NOW + 1)], False),
    ],
)
def test_a_condition_holds_where_the_account_is_disabled_or_cannot_be_read(
    condition: str,
    values: list[str],
    holds: bool,  # noqa: FBT001  # a table
) -> None:
    parsed = parse_condition(condition)
    attributes = {parsed.attribute: tuple(values)} if values else {}
    assert parsed.holds(attributes, NOW) is holds


@pytest.mark.parametrize(
    "text",
    ["", "=x", "a&", "a&0", "a&b", "a<=tomorrow", "a<=now()", "a<=now(days)", "a<=now(filetime", "a<=", "a b", "a="],
)
def test_what_is_no_condition_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no condition"):
        parse_condition(text)
