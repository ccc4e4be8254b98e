"""The look-up of rules: what it finds is what werkzeug finds."""

import pytest
from flask import Flask
from hypothesis import example, given
from hypothesis import strategies as st
from werkzeug.exceptions import HTTPException

from shared.lean import ANY_PATH, LeanFlask

PATHS = st.lists(st.sampled_from(["/", "a", "b1", "search", "x y", "é", "\n", ".", "ST2030.inf"]), max_size=6).map(
    lambda parts: "/" + "".join(parts)
)


def app_with(kind: type[Flask], *rules: str) -> Flask:
    app = kind(__name__, static_folder=None)
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    for rule in rules:
        app.add_url_rule(rule, rule, lambda **_: "", defaults={"slot": 1} if rule.startswith("/search") else None)
    return app


def found(app: Flask, path: str, method: str) -> object:
    with app.test_request_context(path="/", method=method) as context:
        context.request.path = path
        adapter = app.create_url_adapter(context.request)
        assert adapter is not None
        try:
            rule, values = adapter.match(path if not isinstance(app, LeanFlask) else None, return_rule=True)
        except HTTPException as error:
            return error.code
        return rule.rule, dict(values)


@pytest.mark.parametrize("rules", [("/a", "/search", "/search/<span>"), ("/a", ANY_PATH)])
@given(path=PATHS, method=st.sampled_from(["GET", "HEAD", "POST"]))
@example(path="/a", method="GET")
@example(path="/search", method="HEAD")
@example(path="/b1/ST2030.inf", method="GET")
@example(path="/a/", method="GET")
@example(path="/b1//", method="GET")
def test_every_path_finds_the_rule_that_werkzeug_finds(rules: tuple[str, ...], path: str, method: str) -> None:
    assert found(app_with(LeanFlask, *rules), path, method) == found(app_with(Flask, *rules), path, method)
