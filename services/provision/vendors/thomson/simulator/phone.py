"""The boot: fetch the general file, then what it lists, in the phone's order; apply; reboot until nothing changes.

Boot A fetches firmware, DSP and boot code; boot B the melodies, tables and configuration; boot C finds all the same.
Each part is fetched only where its file's name differs from the installed one; the phone file is fetched every time.
"""

import asyncio
import hashlib
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from enum import Enum, auto
from functools import wraps
from http import HTTPStatus
from pathlib import Path
from typing import ParamSpec

from services.provision.vendors.thomson.simulator import apslog
from services.provision.vendors.thomson.simulator.complaints import (
    Complaint,
    Refused,
    Rule,
    is_rejected,
    print_complaints,
)
from services.provision.vendors.thomson.simulator.identity import Identity
from services.provision.vendors.thomson.simulator.memory import Memory, load_memory, save_memory
from services.provision.vendors.thomson.simulator.models import find_model
from services.provision.vendors.thomson.simulator.rebooting import SEALED, Change, changes, explain_loop
from services.provision.vendors.thomson.simulator.settings import (
    General,
    PhoneFile,
    Values,
    file_name,
    read_common,
    read_general,
    read_phone,
)
from services.provision.vendors.thomson.simulator.wire import BINARY_LIMIT, TEXT_LIMIT, Client, Exchange
from shared.mac import Mac

Log = Callable[[str], None]
_Options = ParamSpec("_Options")


class _End(Enum):
    """How a boot ended."""

    STEADY = auto()
    REBOOT = auto()
    FAILED = auto()


@dataclass(frozen=True, slots=True)
class BootResult:
    """What came of booting: requests and complaints in order; the phone's memory (it holds passwords, unprinted)."""

    steady: bool
    boots: int
    exchanges: tuple[Exchange, ...]
    complaints: tuple[Complaint, ...]
    memory: Memory
    seconds: float

    @property
    def exit_code(self) -> int:
        """0: steady; 1: a real phone would skip a file, or reboot for ever."""
        return 0 if self.steady else 1

    @property
    def strict_exit_code(self) -> int:
        """0: steady, and there is nothing to complain about."""
        return 1 if self.complaints else self.exit_code


async def run_phone(  # noqa: PLR0913 - the options of the command
    url: str,
    mac: Mac,
    *,
    model: str = "ST2030",
    firmware: str = "",
    state: Path | None = None,
    max_boots: int = 6,
    timeout: float = 10.0,  # noqa: ASYNC109 - of each request, not of the boot
    absolute_form: bool = False,
    log: Log,
) -> BootResult:
    """Boot the phone until it is steady, at most `max_boots` times (a factory-fresh phone needs three).

    `url` is the general file, as DHCP option 43 names it; where it ends in a slash, the phone asks for its model's own
    name there. `firmware` "" is the model's. `state` keeps the phone's memory between calls. `timeout`
    is in seconds for one whole request. `log` gets the APS log, then the complaints.
    Raises `StateError` when the state cannot be used, `Malformed` for a model that is not simulated.
    """
    identity = Identity(mac, find_model(model), firmware)
    url = identity.general_url(url)
    client = Client(identity.user_agent, timeout=timeout, absolute_form=absolute_form)
    phone = _Phone(identity, client, load_memory(state, mac, model), log)
    started = time.monotonic()
    boots = 0
    end = _End.REBOOT
    while end is _End.REBOOT and boots < max_boots:
        boots += 1
        end = await phone.boot(url)
        save_memory(state, phone.memory)
    if end is _End.REBOOT:
        message = f"still reboots after {boots} boots: {explain_loop(phone.history)}"
        phone.complain(Complaint(Rule.REBOOT_LOOP, url, message))
    print_complaints(phone.complaints, log)
    return BootResult(
        steady=end is _End.STEADY,
        boots=boots,
        exchanges=tuple(client.exchanges),
        complaints=tuple(phone.complaints),
        memory=phone.memory,
        seconds=time.monotonic() - started,
    )


def _waited_for(run: Callable[_Options, Coroutine[None, None, BootResult]]) -> Callable[_Options, BootResult]:
    @wraps(run)
    def wait(*args: _Options.args, **kwargs: _Options.kwargs) -> BootResult:
        return asyncio.run(run(*args, **kwargs))

    return wait


boot = _waited_for(run_phone)
"""`run_phone` for one phone and a caller that waits."""


@dataclass(frozen=True, slots=True)
class _Offer:
    """What one boot downloaded and has not applied: the common file with its name, and the phone file."""

    common: tuple[str, Values] | None = None
    phone: PhoneFile | None = None
    sealed: str | None = None
    """SHA-256 of an encrypted phone file, which is as much as can be said of it."""


class _Phone:
    """One phone between power-up and steady state."""

    def __init__(self, identity: Identity, client: Client, memory: Memory, log: Log) -> None:
        self.memory = memory
        self.complaints: list[Complaint] = []
        self.history: list[tuple[Change, ...]] = []
        """What each boot changed."""
        self._identity = identity
        self._client = client
        self._log = log
        self._last: PhoneFile | None = None  # the phone file applied by the boot before this one

    def complain(self, *complaints: Complaint) -> None:
        """Take complaints; what every boot finds again in the same place is one complaint."""
        self.complaints += [complaint for complaint in complaints if complaint not in self.complaints]

    async def boot(self, url: str) -> _End:
        """Run the auto-provisioning once."""
        before = self.memory
        end = await self._provision(url)
        self.history.append(changes(before, self.memory))
        return end

    async def _provision(self, url: str) -> _End:
        self._log(apslog.START)
        self._log(apslog.BEGIN_GENERAL)
        body = await self._fetch(url, TEXT_LIMIT)
        if body is None:
            return _End.FAILED
        name = file_name(url)
        self._log(apslog.general_downloaded(name))
        general, complaints = read_general(body, name)
        if self._skips(url, complaints):
            return _End.FAILED
        if await self._install(general, apslog.FIRMWARE):
            return self._reboot()
        installed = await self._install(general, apslog.FILES)
        offer = await self._configuration(general)
        applied = self._upgrade(offer, alone=not installed and offer.common is None)
        if installed or applied:
            return self._reboot()
        self._log(apslog.END)
        return _End.STEADY if general.base and not is_rejected(self.complaints) else _End.FAILED

    def _reboot(self) -> _End:
        self._log(apslog.REBOOT)
        return _End.FAILED if is_rejected(self.complaints) else _End.REBOOT

    async def _install(self, general: General, parts: tuple[apslog.Part, ...]) -> bool:
        """Fetch and install each part that is new; tell whether there was one."""
        before = self.memory
        for part in parts:
            body = await self._part(general, part, BINARY_LIMIT)
            if body is not None:
                self.memory = self.memory.install(part.key, file_name(general.files[part.key]))
        return self.memory is not before

    async def _part(self, general: General, part: apslog.Part, limit: int) -> bytes | None:
        """Fetch one part, unless it is not listed or its name is the installed one's."""
        self._log(part.begin_line)
        url = general.files.get(part.key)
        if url is None:
            return None
        if self.memory.has(part.key, file_name(url)):
            if part.same:
                self._log(part.same)
            return None
        body = await self._fetch(url, limit)
        if body == b"":
            self._skips(url, (Complaint(Rule.EMPTY, file_name(url), "is empty"),))
            return None
        if body is not None:
            self._log(apslog.downloaded(part.label, url))
        return body

    async def _configuration(self, general: General) -> _Offer:
        """Fetch the common file and the phone file, and read them."""
        common = None
        body = await self._part(general, apslog.COMMON, TEXT_LIMIT)
        if body is not None:
            url = general.files[apslog.COMMON.key]
            values, complaints = read_common(body, file_name(url), self._identity.model)
            if not self._skips(url, complaints):
                common = (file_name(url), values)
        if not general.base:
            return _Offer(common)
        self._log(apslog.BEGIN_MAC)
        base = f"{general.base}{self._identity.phone_file}"
        sealed = await self._fetch(f"{base}.ser", TEXT_LIMIT, may_be_missing=True)
        if sealed is not None:
            return _Offer(common, sealed=self._sealed(f"{base}.ser", sealed))
        self._log(apslog.TRY_TXT)
        body = await self._fetch(f"{base}.txt", TEXT_LIMIT)
        if body is None:
            return _Offer(common)
        self._log(apslog.downloaded("MacConfig", f"{base}.txt"))
        file, complaints = read_phone(body, file_name(f"{base}.txt"), self._identity.model)
        return _Offer(common) if self._skips(f"{base}.txt", complaints) else _Offer(common, phone=file)

    def _sealed(self, url: str, body: bytes) -> str | None:
        if not body:
            self._skips(url, (Complaint(Rule.EMPTY, file_name(url), "is empty"),))
            return None
        self._log(apslog.downloaded("MacConfig", url))
        self._log(apslog.ENCRYPTED)
        return hashlib.sha256(body).hexdigest()

    def _upgrade(self, offer: _Offer, *, alone: bool) -> bool:
        """Apply what differs; tell whether anything did. `alone`: this boot brought nothing but the phone file."""
        before = self.memory
        if offer.common:
            self.memory = self.memory.apply_common(*offer.common)
        if offer.sealed and not self.memory.has(SEALED, offer.sealed):
            self.memory = self.memory.install(SEALED, offer.sealed)
        if offer.phone:
            self._compare(offer.phone, alone=alone)
        self._log(apslog.BEGIN_UPGRADE)
        if self.memory is before:
            self._log(apslog.NOTHING_TO_UPGRADE)
            return False
        for line in (apslog.CHECK, apslog.CHECKED, apslog.UPGRADED):
            self._log(line)
        return True

    def _compare(self, file: PhoneFile, *, alone: bool) -> None:
        """Apply the phone file if its serial differs, as the phone does; complain where that is a fault of the server."""
        name = f"{self._identity.phone_file}.txt"
        if file.serial != self.memory.serial:
            self._log(apslog.SERIAL_DIFFERS)
            if self._last and alone and file.values == self._last.values:
                message = (
                    f"the serial went from {self._last.serial} to {file.serial} while nothing else changed: "
                    "the phone reboots for ever; make the serial from the content, not from a clock"
                )
                self.complain(Complaint(Rule.REBOOT_LOOP, name, message))
            self._last = file
            self.memory = self.memory.apply_phone(file)
            return
        self._log(apslog.SERIAL_SAME)
        lost = self.memory.unlike(file)
        if lost:
            message = f"the serial is the same, so the phone does not take over {_names(lost)}; change config_sn"
            self.complain(Complaint(Rule.SERIAL_KEPT, name, message))

    async def _fetch(self, url: str, limit: int, *, may_be_missing: bool = False) -> bytes | None:
        """Return a file's content; None when there is none, which is a complaint unless it may be missing."""
        try:
            answer = await self._client.get(url, limit=limit)
        except Refused as refused:
            self._log(apslog.transfer_error(url))
            self.complain(refused.complaint)
            return None
        self.complain(*answer.complaints)
        if answer.status == HTTPStatus.OK:
            return answer.body
        if answer.status == HTTPStatus.NOT_FOUND:
            self._log(apslog.not_found(url))
            if not may_be_missing:
                self.complain(Complaint(Rule.NOT_FOUND, url, "the server does not have it"))
        else:
            self._log(apslog.transfer_error(url))
            self.complain(Complaint(Rule.STATUS, url, f"answered {answer.status}; the phone knows 200 and 404"))
        return None

    def _skips(self, url: str, complaints: tuple[Complaint, ...]) -> bool:
        """Take the complaints about a file; tell whether the phone skips it for them."""
        self.complain(*complaints)
        if not is_rejected(complaints):
            return False
        self._log(apslog.wrong(url))
        return True


def _names(names: tuple[str, ...]) -> str:
    shown = ", ".join(names[:5])
    return shown if len(names) <= 5 else f"{shown} and {len(names) - 5} more"  # noqa: PLR2004 - enough to find the cause
