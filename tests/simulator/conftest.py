"""Fixtures of the simulator's tests."""

from collections.abc import Iterator

import pytest

from tests.simulator.server import Site, article_site, serving


@pytest.fixture
def empty() -> Iterator[Site]:
    """A server that has nothing yet."""
    with serving() as site:
        yield site


@pytest.fixture
def site(empty: Site) -> Site:
    """A server with the article's files."""
    return article_site(empty)
