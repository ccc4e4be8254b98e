"""How often one address may ask by TFTP, what it costs the others, and how much a log says of it."""

import logging
import socket
from pathlib import Path

import pytest

from services.provision.tftplimits import _ALL, _MOST_ADDRESSES, _STRANGERS, BURST_SECONDS, Limits, Quiet
from shared.config import Config
from tests.provision.test_scanning import Clock, guess
from tests.provision.test_tftp import PHONE_FILE, Running, request
from tests.tools import eventually


def test_an_address_gets_its_rate_and_takes_nothing_from_another() -> None:
    clock = Clock()
    limits = Limits(10, clock)
    first = sum(limits.allow("10.0.0.66", is_known=True) for _ in range(3000))
    assert first == 10 * BURST_SECONDS
    assert limits.allow("10.0.0.1", is_known=True)
    clock.now += 1
    assert sum(limits.allow("10.0.0.66", is_known=True) for _ in range(3000)) == 10
    clock.now += 3600
    assert sum(limits.allow("10.0.0.66", is_known=True) for _ in range(3000)) == 10 * BURST_SECONDS


def test_all_addresses_together_have_a_rate_and_strangers_take_nothing_from_phones() -> None:
    limits = Limits(10, Clock())
    hosts = [f"10.{n // 65536}.{n // 256 % 256}.{n % 256}" for n in range(3000)]
    assert sum(limits.allow(host, is_known=False) for host in hosts) == _STRANGERS * BURST_SECONDS
    assert sum(limits.allow(f"{host}9", is_known=True) for host in hosts) == _ALL * BURST_SECONDS


def test_memory_is_bounded_whatever_addresses_are_made_up() -> None:
    limits, quiet = Limits(10), Quiet()
    for number in range(_MOST_ADDRESSES * 2):
        limits.allow(str(number), is_known=False)
        quiet.tell(str(number), "x")
    assert len(limits._of_address) == len(quiet._told) == _MOST_ADDRESSES


def test_a_log_has_one_line_an_address_and_minute(caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock()
    quiet = Quiet(clock)
    with caplog.at_level(logging.INFO):
        for _ in range(1000):
            quiet.tell("10.0.0.66", "a.txt not found")
        quiet.tell("10.0.0.1", "b.txt not found")
        clock.now += 61
        for _ in range(3):
            quiet.tell("10.0.0.66", "c.txt not found")
    assert [record.getMessage() for record in caplog.records] == [
        "10.0.0.66 a.txt not found",
        "10.0.0.1 b.txt not found",
        "10.0.0.66 c.txt not found (and 999 more since the last line)",
    ]


def test_a_flood_of_guesses_is_answered_no_oftener_than_the_rate_and_phones_are_served_again(
    config: Config, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    running = Running(config, rate=5)
    limited = 'dialtree_requests_total{handler="tftp",outcome="limited"}'
    try:
        with caplog.at_level(logging.INFO), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            for number in range(400):
                stranger.sendto(request(f"ST2030S_{guess(number)}.txt"), ("127.0.0.1", running.port))
            eventually(lambda: _count(running, limited) > 0)
            lines = [record for record in caplog.records if record.name == "dialtree.tftp"]
            assert len(lines) == 1
            answered = _count(running, 'dialtree_requests_total{handler="tftp",outcome="unknown"}')
            assert 0 < answered < 200
        assert running.get(PHONE_FILE, tmp_path)  # the client repeats until the rate lets it
    finally:
        running.end()


def _count(running: Running, sample: str) -> float:
    lines = running.metrics.render().decode().splitlines()
    return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(sample))
