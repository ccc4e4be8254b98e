"""Values that a phone could take and should not be given: they cut it off from this service, or let others in.

One function for each danger, over what a phone is given: `value_of` returns a parameter's setting, None where the model has no
such parameter. Nothing here reads a table, and no finding shows a secret.
"""

from collections.abc import Callable, Iterator
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from services.provision.layers import Layer, Setting
from services.provision.vendors.thomson.configuration import FACTORY_SECRETS, PHONEBOOK_URLS, RESYNC_FROM
from shared.config import Config
from shared.findings import CONFIGURATION, Finding
from shared.secret import Secret

ValueOf = Callable[[str], Setting | None]

_LONGEST_URL: Final = 128
"""Characters that the phone keeps of a URL (phone-spec 1.1)."""
_TOKEN: Final = "#SEARCH"  # noqa: S105  # what the phone replaces by what was typed
_LEAST_TYPED: Final = 16
_ANYBODY: Final = ("", "0.0.0.0")  # noqa: S104  # what a phone holds, not an address to listen on
_NO_SERVER: Final = ("", "0.0.0.0")  # noqa: S104
_DHCP: Final = "1"
_PORTS: Final = {"http": 80, "https": 443}
_COMMUNITIES: Final = (1, 2, 3)


def value_findings(config: Config, value_of: ValueOf) -> Iterator[Finding]:
    """Yield what is wrong with the values that one phone is given."""
    for find in (_factory_secrets, _phonebook_urls, _provisioning_off, _other_server, _vlan, _address, _names, _others):
        yield from find(config, value_of)


def _factory_secrets(_config: Config, value_of: ValueOf) -> Iterator[Finding]:
    for name in FACTORY_SECRETS:
        setting = value_of(name)
        if setting and isinstance(setting.value, Secret) and setting.value.reveal() == setting.parameter.default:
            yield _at(
                setting, f"{name} is the factory's, which is public; set another one in [provision.settings_file]"
            )


def _phonebook_urls(_config: Config, value_of: ValueOf) -> Iterator[Finding]:
    for name in PHONEBOOK_URLS:
        setting = value_of(name)
        excess = len(_text(setting).replace(_TOKEN, "x" * _LEAST_TYPED)) - _LONGEST_URL
        if setting and excess > 0:
            problem = f"{name} is {excess} characters longer than the {_LONGEST_URL} that a phone keeps; shorten it"
            yield _at(setting, problem)


def _provisioning_off(_config: Config, value_of: ValueOf) -> Iterator[Finding]:
    flag, notified = value_of("autoprovision.AutoprovisionFlag"), value_of("sip.sw_notify_autoprovision")
    if flag and flag.value == "0":
        problem = f"{flag.parameter.name} is 0: phones would never fetch a file again until somebody resets them by hand; make it 1"
        yield _at(flag, problem)
    if notified and notified.value == "0":
        problem = f"{notified.parameter.name} is 0: phones take no order to fetch their files, and see changes at their next start"
        yield _at(notified, problem, is_fault=False)


def _other_server(config: Config, value_of: ValueOf) -> Iterator[Finding]:
    """A preset outranks DHCP (phone-spec 2.1), so one of another server leads the phone away from here."""
    over_http = value_of("autoprovision.AutoprovisionHTTPServer")
    if over_http and over_http.value and not _is_ours(config, str(over_http.value)):
        problem = (
            f"{over_http.parameter.name} is {over_http.value}: phones would fetch their files there and never here again; "
            f"leave it empty, or name the host of provision.public_url ({config.provision.public_url})"
        )
        yield _at(over_http, problem)
    over_tftp = value_of("autoprovision.AutoprovisionTFTPServer")
    if over_tftp and str(over_tftp.value) not in _NO_SERVER:
        name, ours = over_tftp.parameter.name, _is_ours(config, str(over_tftp.value), any_port=True)
        away = "phones would fetch their files there and never here again; leave it empty"
        here = "phones fetch their files by TFTP and ignore DHCP; `dialtree provision tftp` must run for ever"
        yield _at(over_tftp, f"{name} is {over_tftp.value}: {here if ours else away}", is_fault=not ours)
    managed = value_of("cwmp.CWMPFlag")
    if managed and managed.value == "1":
        problem = f"{managed.parameter.name} is 1: a TR-069 server manages these phones as well, and may change what they get here"
        yield _at(managed, problem, is_fault=False)


def _vlan(_config: Config, value_of: ValueOf) -> Iterator[Finding]:
    on, number = value_of("net.VLAN"), value_of("qos.VLANid1")
    if on is None or number is None:
        return
    is_given = number.layer is not Layer.PACKAGE or number.value != number.parameter.default
    if on.value == "1" and not is_given:
        problem = (
            "net.VLAN is 1 and qos.VLANid1 is not set: phones would look for this service in VLAN 1; "
            "set the number in a profile or in [provision.settings]"
        )
        yield _at(on, problem)
    if on.value == "0" and is_given and number.value != number.parameter.default:
        problem = f"qos.VLANid1 is {number.value} and net.VLAN is 0, so phones do not use it; set net.VLAN=1, or delete the number"
        yield _at(number, problem)


def _address(_config: Config, value_of: ValueOf) -> Iterator[Finding]:
    mode, address = value_of("net.WanModFlag"), value_of("net.ipwan")
    if mode and mode.value != _DHCP:
        own = f"all of them {address.value}, " if address else ""
        problem = (
            f"{mode.parameter.name} is {mode.value}: phones would have no address from DHCP, but {own}since they share the file; "
            "make it 1, and give addresses by DHCP"
        )
        yield _at(mode, problem)


def _names(config: Config, value_of: ValueOf) -> Iterator[Finding]:
    from_dhcp = value_of("net.DNSFLG")
    servers = [value_of(f"net.DNSSrv{number}") for number in (1, 2)]
    if from_dhcp is None or from_dhcp.value != "0" or any(_text(server) not in _NO_SERVER for server in servers):
        return
    hosts = [urlsplit(config.provision.public_url).hostname or "", _text(value_of("sip.RegisterServerMP1"))]
    named = [host for host in hosts if host and not _is_address(host)]
    if named:
        problem = (
            f"{from_dhcp.parameter.name} is 0 and there is no net.DNSSrv1: phones could not find {' and '.join(named)}; "
            "name a DNS server, or make it 1"
        )
        yield _at(from_dhcp, problem)


def _others(_config: Config, value_of: ValueOf) -> Iterator[Finding]:
    """Who else could make a phone start anew, or change it."""
    resync = value_of(RESYNC_FROM)
    if resync and str(resync.value) in _ANYBODY:
        written = resync.value or "empty"
        problem = (
            f"{RESYNC_FROM} is {written}: anybody may make phones start anew; name one address in provision.resync_from"
        )
        yield _at(resync, problem)
    registrar = value_of("sip.RegisterServerMP1")
    if resync and registrar and resync.attribute == "provision.registrar" and registrar.value != resync.value:
        problem = (
            f"phones register at {registrar.value} and obey a check-sync of {resync.value} only; "
            f"set {RESYNC_FROM} in their profile, or provision.resync_from"
        )
        yield _at(registrar, problem, is_fault=False)
    agent, managers = value_of("snmp.flag"), value_of("snmp.filter")
    if agent and agent.value == "1" and _text(managers) == "0":
        for number in _COMMUNITIES:
            writes = value_of(f"snmp.commRW{number}")
            if writes and writes.value == "1":
                problem = f"{writes.parameter.name} is 1 and snmp.filter is 0: anybody who knows the community may change phones"
                yield _at(writes, f"{problem}; name the managers, and set snmp.filter=1")


def _is_ours(config: Config, place: str, *, any_port: bool = False) -> bool:
    """Say whether a URL, or host/path without a scheme, is of the host that phones are told to use."""
    ours, tls = urlsplit(config.provision.public_url), config.nginx.tls.listen
    try:
        theirs = urlsplit(place if "://" in place else f"//{place}")
        port = theirs.port or _PORTS.get(theirs.scheme)
    except ValueError:  # no port that there can be
        return False
    if (theirs.hostname or "").rstrip(".") != (ours.hostname or "").rstrip("."):
        return False
    return any_port or port in (None, ours.port or _PORTS[ours.scheme], tls.port if tls else None)


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _text(setting: Setting | None) -> str:
    return str(setting.value) if setting else ""


def _at(setting: Setting, problem: str, *, is_fault: bool = True) -> Finding:
    return Finding(setting.where or CONFIGURATION, setting.attribute or setting.parameter.name, problem, is_fault)
