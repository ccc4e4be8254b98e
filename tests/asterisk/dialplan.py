"""A small reader of Asterisk's dialplan, for the applications and functions that our snippets use. It is not Asterisk.

Asterisk is not in the package lists of the systems that run these tests, so the snippet is evaluated here, by the rules of
pbx.c and func_curl.c: `${…}` from the inside out, nothing that a function returned evaluated again, `Set` cut at the first
equals sign, `CURL()` a real transfer by the `curl` program (the same libcurl) with the channel's timeouts, its body taken
whatever the status is. What is not known here fails the test instead of being passed over.
"""

import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

_EXTEN = re.compile(r"exten\s*=>\s*(?P<exten>[^,]+),(?P<priority>[^,(]+)(?:\((?P<label>\w+)\))?,(?P<app>.+)")
_SAME = re.compile(r"same\s*=>\s*n(?:\((?P<label>\w+)\))?,(?P<app>.+)")
_CALL = re.compile(r"(?P<name>\w+)\((?P<data>.*)\)")
_SLICE = re.compile(r"(?P<name>.*\)|[^:]*):(?P<offset>-?\d+)(?::(?P<length>\d+))?")
_COMPARED = re.compile(r"\s*(?P<left>\"[^\"]*\"|[^\s\"=]*)\s*=\s*(?P<right>\"[^\"]*\"|[^\s\"=]*)\s*")


@dataclass
class Step:
    """One priority."""

    label: str
    application: str
    data: str


@dataclass
class Channel:
    """A call: its caller id (`num`, `name`, `num-pres`), variables, CURL's options; `transfers`: URLs that were asked."""

    caller: dict[str, str]
    variables: dict[str, str] = field(default_factory=dict)
    options: dict[str, str] = field(default_factory=dict)
    transfers: list[str] = field(default_factory=list)


def read_contexts(path: Path, **replaced: str) -> dict[str, list[Step]]:
    """Read a file whose contexts have the one extension `s`; `replaced`: values of `Set(LOCAL(…)=…)` instead of the file's."""
    contexts: dict[str, list[Step]] = {}
    steps: list[Step] = []
    for raw in path.read_text(encoding="utf-8").splitlines():
        line = raw.partition(";")[0].strip()
        if line.startswith("["):
            steps = contexts.setdefault(line.strip("[]"), [])
        elif line:
            found = (_SAME if steps else _EXTEN).fullmatch(line)
            assert found is not None, f"{path.name}: {line!r} is not understood"
            call = _CALL.fullmatch(found["app"])
            assert call is not None, f"{path.name}: {found['app']!r} is no application"
            data = call["data"]
            for name, value in replaced.items():
                if data.startswith(f"LOCAL({name})="):
                    data = f"LOCAL({name})={value}"
            steps.append(Step(found["label"] or "", call["name"], data))
    return contexts


def run(steps: list[Step], channel: Channel) -> None:
    """Run a subroutine until it returns."""
    at = 0
    while True:
        step = steps[at]
        data = substitute(step.data, channel)
        at += 1
        if step.application == "Return":
            return
        if step.application == "Set":
            _set(data, channel)
        elif step.application == "GotoIf":
            condition, _, label = data.partition("?")
            if condition not in ("", "0"):
                at = next(place for place, other in enumerate(steps) if other.label == label)
        else:
            raise AssertionError(f"{step.application}() is not known here")


def substitute(text: str, channel: Channel) -> str:
    """Evaluate `${…}` and `$[…]`."""
    done = ""
    while text:
        before, mark, rest = text.partition("$")
        done += before
        if rest[:1] in ("{", "["):
            inner, text = _enclosed(rest)
            inner = substitute(inner, channel)
            done += _value(inner, channel) if rest[0] == "{" else _expression(inner)
        else:
            done, text = done + mark, rest
    return done


def _enclosed(text: str) -> tuple[str, str]:
    """Return what stands between the first bracket and its partner, and what follows."""
    opening, closing = text[0], {"{": "}", "[": "]"}[text[0]]
    depth = 0
    for at, character in enumerate(text):
        depth += (character == opening) - (character == closing)
        if depth == 0:
            return text[1:at], text[at + 1 :]
    raise AssertionError(f"{text!r} is not closed")


def _value(inner: str, channel: Channel) -> str:
    part = _SLICE.fullmatch(inner) if not inner.startswith("CURL(") else None
    if part is not None:
        start = int(part["offset"])
        value = _value(part["name"], channel)[start:]
        return value[: int(part["length"])] if part["length"] else value
    call = re.fullmatch(r"(\w+)\((.*)\)", inner, re.DOTALL)
    return _function(call[1], call[2], channel) if call else channel.variables.get(inner, "")


def _function(name: str, data: str, channel: Channel) -> str:
    if name == "CALLERID":
        return channel.caller[data]
    if name == "LEN":
        return str(len(data.encode()))
    if name == "URIENCODE":
        return quote(data, safe="-_.~")
    assert name == "CURL", f"{name}() is not known here"
    return _curl(data, channel)


def _curl(data: str, channel: Channel) -> str:
    url, _, posted = data.partition(",")
    assert not posted, "a comma in the URL would make a POST of it"
    if "\r" in url or "\n" in url:
        return ""
    channel.transfers.append(url)
    connect, whole = channel.options["conntimeout"], channel.options["httptimeout"]
    command = ["curl", "--silent", "--globoff", "--connect-timeout", connect, "--max-time", whole, "--", url]
    done = subprocess.run(command, capture_output=True, check=False, env={"NO_PROXY": "*"})
    return done.stdout.decode().rstrip()


def _expression(text: str) -> str:
    compared = _COMPARED.fullmatch(text)
    assert compared is not None, f"$[{text}] is not understood: what came into it may not end it"
    return str(int(compared["left"].strip('"') == compared["right"].strip('"')))


def _set(data: str, channel: Channel) -> None:
    name, _, value = data.partition("=")
    call = _CALL.fullmatch(name)
    if call is None:
        channel.variables[name] = value
    elif call["name"] == "LOCAL":
        channel.variables[call["data"]] = value
    else:
        {"CALLERID": channel.caller, "CURLOPT": channel.options}[call["name"]][call["data"]] = value
