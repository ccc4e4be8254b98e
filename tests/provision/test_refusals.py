"""Design law 7: a refusal is uniform. Only the log and the metrics tell one from another."""

import logging
import re
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import pytest
from flask.testing import FlaskClient

from services.provision.app import create_app
from services.provision.vendors.thomson.render import PhoneTemplate
from shared.config import Config
from shared.ldap.entry import Entry
from tests.provision.desk import ARTICLE_MAC, PHONES, alice, configuration, load, phone, reader_of
from tests.provision.office import PHONE_FILE, REFUSED_MACS, phone_path, whole


def test_every_refusal_looks_the_same(client: FlaskClient) -> None:
    unknown = whole(client.get(phone_path("BBBBBBBBBBBB")))
    assert unknown[0] == 404
    for mac in REFUSED_MACS:
        assert whole(client.get(phone_path(mac))) == unknown
    forbidden = client.get(PHONE_FILE, environ_base={"REMOTE_ADDR": "203.0.113.7"})
    assert whole(forbidden) == unknown
    for path in (
        "/",
        "/nothing",
        "/provisioning/ST2030/config/",
        "/provisioning/ST2030/config/ComConf2030S-0123456789abcdef.txt",
        "/provisioning/ST2030/config/ST2030S_BBBBBBBBBBBB.ser",
        "/provisioning/ST2030/data/",
        "/provisioning/ST2030/data/nothing.zz",
    ):
        assert whole(client.get(path)) == unknown


def calls_of(function: Callable[..., object], during: Callable[[], object]) -> int:
    """Count how often a function of ours is entered."""
    count = 0

    def watch(frame: FrameType, event: str, _: object) -> None:
        nonlocal count
        count += event == "call" and frame.f_code is function.__code__

    sys.setprofile(watch)
    try:
        during()
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize(("mac", "look_ups"), [(ARTICLE_MAC, 3), *((mac, 4) for mac in REFUSED_MACS)])
def test_every_refusal_costs_the_same_look_ups_and_one_rendering(config: Config, mac: str, look_ups: int) -> None:
    statements: list[str] = []
    reader = reader_of(config)
    client = create_app(config, reader).test_client()
    with reader.snapshot() as db:  # a thread has one connection
        db.set_trace_callback(statements.append)
    assert calls_of(PhoneTemplate.render, lambda: client.get(phone_path(mac))) == 1
    asked = [statement for statement in statements if re.search(r"FROM (phone|account|person|common)", statement)]
    assert len(asked) == look_ups


def test_the_reason_is_logged_once_with_entry_attribute_and_mend(
    client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "dialtree.provision")
    for _ in range(3):
        client.get(phone_path("00147F000002"))
    (record,) = [record for record in caplog.records if record.name == "dialtree.provision"]
    assert record.levelno == logging.WARNING
    assert f"cn=unready,{PHONES}: AstAccountSecret: is missing" in record.getMessage()
    assert "set it" in record.getMessage()


def test_a_changed_reason_and_a_recovery_are_logged_again(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "dialtree.provision")
    config = configuration(state_dir=tmp_path)
    client = create_app(config).test_client()

    def now(*entries: Entry) -> None:
        load(config, *entries)
        client.get(PHONE_FILE)
        client.get(PHONE_FILE)

    now(phone())
    now(phone(), alice(AstAccountSecret=""))
    now(phone(), alice())
    now(phone())
    messages = [record.getMessage() for record in caplog.records if record.name == "dialtree.provision"]
    assert [re.sub(r":.*", "", message) for message in messages] == [
        f"phone {ARTICLE_MAC} is refused",
        f"phone {ARTICLE_MAC} is refused",
        f"phone {ARTICLE_MAC} is served again",
        f"phone {ARTICLE_MAC} is refused",
    ]
    assert "s3cret" not in caplog.text


def test_refusals_are_counted_by_reason(client: FlaskClient) -> None:
    for mac in REFUSED_MACS:
        client.get(phone_path(mac))
    metrics = client.get("/metrics").text
    assert 'dialtree_refused_phones_total{reason="unknown"} 1.0' in metrics
    assert 'dialtree_refused_phones_total{reason="faulty"} 3.0' in metrics
    assert "00147F" not in metrics


def test_a_key_that_points_at_nobody_is_told_once_and_again_when_it_changes(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    config = configuration(state_dir=tmp_path)
    client = create_app(config).test_client()

    def told(*keys: str) -> list[str]:
        load(config, phone(dialtreeKey=keys), alice())
        caplog.clear()
        for _ in range(2):
            assert client.get(PHONE_FILE).status_code == 200
        return [record.getMessage() for record in caplog.records if "left out" in record.getMessage()]

    with caplog.at_level(logging.WARNING):
        gone = "uid=gone,dc=example,dc=org"
        (sentence,) = told(f"3 blf {gone}")
        assert f"phone {ARTICLE_MAC}: cn=phone-1001" in sentence
        assert f"key 3 points at {gone}" in sentence
        assert told("3 blf 1002") == []
        assert len(told(f"3 blf {gone}", f"4 blf {gone}")) == 2
