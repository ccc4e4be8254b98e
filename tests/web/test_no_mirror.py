"""`serve --no-mirror` answers and follows nothing."""

import pytest
from click.testing import CliRunner

from services.cli import main
from services.commands import serve
from shared.workers import Setup


@pytest.mark.parametrize("name", ["provision", "directory"])
@pytest.mark.parametrize(("options", "follows"), [([], True), (["--no-mirror"], False)])
def test_serve_follows_the_directory_unless_told_not_to(
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    options: list[str],
    follows: bool,  # noqa: FBT001
) -> None:
    folder = tmp_path_factory.mktemp("site")
    (folder / "none.ldif").touch()
    (folder / "dialtree.toml").write_text('[ldap]\nsource = "ldif"\nldif_file = "none.ldif"\n', encoding="ascii")
    setups: list[Setup] = []

    def run(_: str, setup: Setup, reload: object) -> int:
        assert callable(reload)
        setups.extend((setup, reload()))
        return 0

    monkeypatch.setattr(serve, "run_service", run)
    done = CliRunner().invoke(main, ["--config", str(folder / "dialtree.toml"), name, "serve", *options])
    assert done.exit_code == 0, done.output
    assert [setup.mirror is not None for setup in setups] == [follows, follows]
