"""Runs of a mirror on a directory with 20 persons and 20 accounts."""

from pathlib import Path

import pytest

from shared.config import Guard
from shared.ldap.source import Kind
from tests.mirror.parts import (
    entries,
    entry,
)
from tests.mirror.runs import Run


@pytest.fixture
def run(tmp_path: Path) -> Run:
    run = Run(tmp_path)
    run.source.put(Kind.PERSON, *entries(20))
    run.source.put(Kind.ACCOUNT, *(entry(number, secret="s3cret") for number in range(20)))
    return run


@pytest.fixture
def guarded(run: Run) -> Run:
    run.guard = Guard(share=0.2, least=3)
    return run
