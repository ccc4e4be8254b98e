"""Reads `dialtree.toml` and the environment into a `Config`, and prints it back with secrets masked.

Own code instead of pydantic-settings, for two reasons: an unknown environment variable must be
refused (that library ignores it), and all faults must come at once (it stops at the first value it cannot decode).
"""

import hashlib
import json
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final, Literal, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from shared.config import Config
from shared.errors import ConfigurationError, Fault
from shared.secret import MASK
from shared.settings import SecretFile

ENVIRONMENT_PREFIX: Final = "DIALTREE_"
FILE_VARIABLE: Final = "DIALTREE_CONFIG"
"""Names the configuration file; `--config` wins."""
DEFAULT_FILE: Final = Path("dialtree.toml")
_MAY_HOLD_SECRETS: Final = ("provision.settings", "provision.settings_file")
"""Values that an error does not repeat."""
_SECRET_PARAMETER: Final = re.compile(r"pwd|password|secret|_key$|commname", re.IGNORECASE)
"""Parameters whose value is masked although an administrator wrote it into the file in plain text."""

ServiceName = Literal["provision", "directory"]
_SECRETS_OF_OTHERS: Final[Mapping[ServiceName, tuple[tuple[str, str], ...]]] = {
    "provision": (("ldap", "directory_bind"),),
    "directory": (("ldap", "provision_bind"), ("provision", "settings_file")),
}
"""Tables that a service does without: it need not be able to read the secrets that they name."""


def load_config(
    path: Path | None = None,
    environment: Mapping[str, str] | None = None,
    service: ServiceName | None = None,
) -> Config:
    """Read the file (`path`, else `$DIALTREE_CONFIG`, else `./dialtree.toml`) and lay the environment over it.

    `DIALTREE_LDAP__URLS=ldaps://a,ldaps://b` sets `ldap.urls`. `service`: leave out the secrets of the
    other service, whose files this process need not be able to read. Raises `ConfigurationError` with
    every fault.
    """
    environment = os.environ if environment is None else environment
    file = path or Path(environment.get(FILE_VARIABLE) or DEFAULT_FILE)
    values = _read_toml(file)
    faults = list(_overlay(values, environment))
    for section, table in _SECRETS_OF_OTHERS[service] if service else ():
        if isinstance(values.get(section), dict):
            values[section].pop(table, None)
    for name, field in Config.model_fields.items():
        if _section(field.annotation) and not field.is_required() and not _has_many_keys(field.annotation):
            values.setdefault(name, {})  # so that its default paths begin at the file's folder too
    try:
        config = Config.model_validate(values, context={"folder": file.resolve().parent})
    except ValidationError as error:
        faults += [_fault(detail) for detail in error.errors()]
    if faults:
        raise ConfigurationError(tuple(faults))
    return config


def settings_of(model: type[BaseModel] = Config, prefix: str = "") -> Iterator[tuple[str, FieldInfo]]:
    """Yield every setting as (dotted path, pydantic FieldInfo), in the order of the model; an array of tables is one."""
    for name, field in model.model_fields.items():
        inner = _section(field.annotation)
        if inner and not _has_many_keys(field.annotation):
            yield from settings_of(inner, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", field


def columns_of(field: FieldInfo) -> Iterator[tuple[str, FieldInfo]]:
    """Yield the settings of each table of an array of tables (`[[numbers.locations]]`) as (name, FieldInfo); else none."""
    inner = _section(field.annotation)
    if inner and _has_many_keys(field.annotation):
        yield from inner.model_fields.items()


def render_config(config: BaseModel, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield every setting as (dotted path, value as TOML); of a secret only its file is shown."""
    for name in type(config).model_fields:
        value = getattr(config, name)
        if isinstance(value, BaseModel):
            yield from render_config(value, f"{prefix}{name}.")
        elif name == "settings":
            masked = {key: MASK if _SECRET_PARAMETER.search(key) else text for key, text in value.items()}
            yield f"{prefix}{name}", toml_value(masked)
        else:
            yield f"{prefix}{name}", toml_value(value)


def digest_of(config: Config, service: ServiceName) -> str:
    """Return 16 hexadecimal digits that change with what a service runs by: settings, and secret parameters' files.

    A secret's content is not part of it, only when its file was written. The password of a bind is
    neither: it is read at each connection.
    """
    others = tuple(f"{section}.{table}" for section, table in _SECRETS_OF_OTHERS[service])
    lines = [f"{path} = {value}" for path, value in render_config(config) if not path.startswith(others)]
    lines += [f"{name} = {text}" for name, text in sorted(config.provision.settings.items())]
    if service == "provision":
        files = [file.path for _, file in sorted(config.provision.settings_file.items())]
        lines += [f"{file} {_stamp_of(file)}" for file in files]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def secret_files_of(config: Config) -> Iterator[tuple[str, Path]]:
    """Yield (setting, file) for each file that holds a secret."""
    for name in ("provision_bind", "directory_bind"):
        file = getattr(config.ldap, name).password_file
        if file is not None:
            yield f"ldap.{name}.password_file", file.path
    for name, file in config.provision.settings_file.items():
        yield f"provision.settings_file.{name}", file.path


def _stamp_of(path: Path) -> str:
    try:
        status = path.stat()
    except OSError:
        return "absent"
    return f"{status.st_mtime_ns} {status.st_size}"


def toml_value(value: object) -> str:
    """Write one value as TOML; None is the empty text, since TOML has no null."""
    if value is None:
        return '""'
    if isinstance(value, bool | int | float):
        return json.dumps(value)
    if isinstance(value, SecretFile):
        return json.dumps(str(value.path))
    if isinstance(value, tuple | list):
        return f"[{', '.join(toml_value(item) for item in value)}]"
    if isinstance(value, BaseModel):
        value = {name: getattr(value, name) for name in type(value).model_fields}
    if isinstance(value, Mapping):
        pairs = ", ".join(f"{json.dumps(str(key))} = {toml_value(item)}" for key, item in value.items())
        return f"{{ {pairs} }}" if pairs else "{}"
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")


def _read_toml(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigurationError(
            (Fault("", f"{file} does not exist; write it, or name another one with --config or ${FILE_VARIABLE}"),)
        ) from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError((Fault("", f"{file} cannot be read: {error}"),)) from error


def _overlay(values: dict[str, Any], environment: Mapping[str, str]) -> Iterator[Fault]:
    known = {f"{ENVIRONMENT_PREFIX}{path.replace('.', '__').upper()}": (path, field) for path, field in settings_of()}
    for variable in sorted(environment):
        if not variable.startswith(ENVIRONMENT_PREFIX) or variable == FILE_VARIABLE:
            continue
        if variable not in known:
            yield Fault(
                variable, "unknown setting; nested names are joined by two underscores, as in DIALTREE_LDAP__URLS"
            )
            continue
        path, field = known[variable]
        *sections, name = path.split(".")
        table = values
        for section in sections:
            below = table.setdefault(section, {})
            if not isinstance(below, dict):
                break
            table = below
        else:
            table[name] = _decode(field, environment[variable])


def _decode(field: FieldInfo, text: str) -> Any:
    """A table, or an array of tables, is written as JSON; all else is text."""
    if _has_many_keys(field.annotation):
        try:
            return json.loads(text)
        except ValueError:
            return text
    return text


def _has_many_keys(annotation: Any) -> bool:
    """A table with keys of the administrator's own, or an array of tables."""
    origin = get_origin(annotation)
    return origin is dict or (origin is tuple and _section(annotation) is not None)


def _section(annotation: Any) -> type[BaseModel] | None:
    for candidate in (annotation, *get_args(annotation)):
        if isinstance(candidate, type) and issubclass(candidate, BaseModel):
            return candidate
    return None


def _fault(detail: Any) -> Fault:
    path = ".".join(str(part) for part in detail["loc"])
    if detail["type"] == "extra_forbidden":
        return Fault(path, _unknown_setting(path))
    if detail["type"] == "missing" and path in Config.model_fields:
        return Fault(path, f"the table [{path}] is missing; README.md has an example")
    message = detail["msg"].removeprefix("Value error, ")
    plain = detail["type"] in ("value_error", "missing") or path.startswith(_MAY_HOLD_SECRETS)
    shown = "" if plain else f" (is {detail['input']!r})"
    return Fault(path, message + shown)


def _unknown_setting(path: str) -> str:
    """Say what was meant, where that can be guessed."""
    table, _, name = path.rpartition(".")
    if name in ("password", "secret", "bind_password", "passwd"):
        return "a password never stands in this file: write it into a file of its own, and name that in password_file"
    known = [setting for setting, _ in settings_of()] + list(Config.model_fields)
    near = get_close_matches(path, known, n=1, cutoff=0.75) or [
        setting for setting in known if setting.rpartition(".")[2] == name and setting != path
    ]
    meant = f"; did you mean {near[0]}?" if len(near) == 1 else "; README.md has a table of all settings"
    where = "" if table else " at the top of the file"
    return f"unknown setting{where}{meant}"
