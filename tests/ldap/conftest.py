"""Real directories for the tests of this folder."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from services.demo.slapd import PrivateSlapd
from tests.ldap.directories import Directory, FileDirectory, SlapdDirectory, first_content, ldif_of
from tests.tools import need_tool

StartSlapd = Callable[..., PrivateSlapd]


@pytest.fixture
def start_slapd(tmp_path: Path) -> Iterator[StartSlapd]:
    """Start a slapd with the first content (or `ldif`), ended with the test; takes the options of `PrivateSlapd`."""
    need_tool("slapd")
    need_tool("ldapmodify")
    with ExitStack() as stack:

        def start(*, ldif: str = "", size_limit: int | None = None, **options: object) -> PrivateSlapd:
            folder = tmp_path / f"slapd-{len(list(tmp_path.iterdir()))}"
            content = folder.with_suffix(".ldif")
            content.write_text(ldif or ldif_of(first_content()), encoding="utf-8")
            slapd = PrivateSlapd(folder, ldif=content, **options)  # type: ignore[arg-type]
            slapd.size_limit = size_limit
            return stack.enter_context(slapd)

        yield start


@pytest.fixture(params=["ldif", "slapd with a session log", "slapd without a session log"])
def directory(request: pytest.FixtureRequest, tmp_path: Path) -> Directory:
    """The first content in each kind of directory that can be followed."""
    if request.param == "ldif":
        return FileDirectory(tmp_path / "directory.ldif")
    start: StartSlapd = request.getfixturevalue("start_slapd")
    return SlapdDirectory(start(sessionlog=100 if request.param.endswith("with a session log") else 0))
