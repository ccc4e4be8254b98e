"""Who asks for the files of many phones that are not there is told of once, and counted, by HTTP and by TFTP."""

import logging
import re

import pytest
from flask.testing import FlaskClient

from services.provision.scanning import _MOST_ADDRESSES, PHONES, WINDOW_SECONDS, Scanning
from shared.config import Config
from shared.mac import Mac
from tests.provision.office import REFUSED_MACS, phone_path
from tests.provision.test_tftp import NOT_FOUND, Running, request


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def told_of(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if "a scan" in record.getMessage()]


def scanning_of(page: str) -> float:
    return float(re.findall(r"^dialtree_scanning_addresses (\S+)", page, re.MULTILINE)[0])


def guess(number: int) -> str:
    return f"001F9F{number:06X}"


def test_a_scan_over_http_is_one_line_and_a_metric_and_no_line_for_each_guess(
    client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    assert scanning_of(client.get("/metrics").text) == 0
    with caplog.at_level(logging.INFO):
        bodies = {client.get(phone_path(guess(number))).data for number in range(PHONES * 3)}
    assert bodies == {b"not found\n"}
    (line,) = told_of(caplog)
    assert line.startswith(f"127.0.0.1 asked for the files of {PHONES} phones")
    of_phones = [record.getMessage() for record in caplog.records if record.name == "dialtree.provision"]
    assert len(of_phones) == PHONES  # the first ones, and the alarm in the last one's place
    page = client.get("/metrics").text
    assert scanning_of(page) == 1
    assert not re.search("001F9F", page, re.IGNORECASE)
    other = client.get(phone_path(guess(1)), environ_base={"REMOTE_ADDR": "10.0.0.9"})
    assert (other.status_code, other.data) == (404, b"not found\n")
    assert len(told_of(caplog)) == 1


def test_a_phone_with_a_fault_is_told_of_even_while_its_address_scans(
    client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(PHONES):
        client.get(phone_path(guess(number)))
    with caplog.at_level(logging.WARNING):
        for mac in REFUSED_MACS:
            client.get(phone_path(mac))
    assert any("is refused" in record.getMessage() for record in caplog.records)


def test_one_phone_that_asks_again_and_again_is_no_scan(client: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(PHONES * 3):
        client.get(phone_path(guess(1)))
    assert told_of(caplog) == []


def test_a_scan_over_tftp_is_one_line_and_a_metric(config: Config, caplog: pytest.LogCaptureFixture) -> None:
    running = Running(config)
    try:
        with caplog.at_level(logging.INFO):
            for number in range(PHONES + 5):
                assert running.send(request(f"ST2030S_{guess(number)}.txt")) == NOT_FOUND
    finally:
        running.end()
    assert len(told_of(caplog)) == 1
    assert len([record for record in caplog.records if record.name == "dialtree.tftp"]) == 1
    assert scanning_of(running.metrics.render().decode()) == 1


def test_the_window_ends_and_a_scan_that_goes_on_is_told_of_again() -> None:
    clock = Clock()
    scanning = Scanning(clock)
    assert [scanning.refused("10.0.0.66", Mac(guess(n))) for n in range(PHONES)] == [False] * (PHONES - 1) + [True]
    assert len(scanning) == 1
    clock.now += WINDOW_SECONDS + 1
    assert len(scanning) == 0
    assert not scanning.refused("10.0.0.66", Mac(guess(0)))


def test_memory_is_bounded_however_many_addresses_ask() -> None:
    scanning = Scanning()
    for number in range(_MOST_ADDRESSES + 100):
        scanning.refused(f"10.0.{number // 256}.{number % 256}", Mac(guess(1)))
    for number in range(1000):
        scanning.refused("10.9.9.9", Mac(guess(number)))
    assert len(scanning._askers) == _MOST_ADDRESSES
    assert max(len(each.phones) for each in scanning._askers.values()) < PHONES
