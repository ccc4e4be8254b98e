"""A secret is a type: it prints as `***`, whatever prints it (design law 10).

Nothing here may log, and nothing but `reveal` may give the value away.
"""

from typing import Final, NoReturn

MASK: Final = "***"


class Secret:
    """A password. `reveal()` is the only way to its text; compare with `==`."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the text, for the one place that needs it (a bind, a phone file)."""
        return self._value

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash((Secret, self._value))

    def __repr__(self) -> str:
        return MASK

    def __format__(self, spec: str) -> str:
        return format(MASK, spec)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not pickled")
