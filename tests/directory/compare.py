"""Golden files: documents compared whole."""

import os
from pathlib import Path

GOLDEN = Path(__file__).parent / "golden"


def compare_with_golden(name: str, content: bytes, charset: str = "iso-8859-1") -> None:
    """Compare a file whole. `GOLDEN=write pytest tests/directory` writes them anew; read the difference before committing."""
    if os.environ.get("GOLDEN") == "write":
        (GOLDEN / name).write_bytes(content)
    assert content.decode(charset) == (GOLDEN / name).read_bytes().decode(charset)
