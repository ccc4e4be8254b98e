"""Which vendor files were shipped together: what a phone is given should be of one release. Pure: names in, sentences out.

The vendor's packages hold the application (`fwurl`), its DSP, and the telephone file and tables that belong to it. Names say
the release (`R11.1`, `SED`) and the version; `dsp_versions` of a model says which DSP came with which application.
"""

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from services.provision.vendors.thomson.files import VendorFiles
from services.provision.vendors.thomson.versions import FileVersion, parse_numbers, read_version

_WITH_APPLICATION: Final = ("telcfg", "tone_table", "language_table")
"""Lines whose files have the version of their application."""
_SAME_BUILD: Final = 2
"""Numbers of a version that application and tables share: 2.72 in 2.72.2."""


class OlderFile(NamedTuple):
    """A file that is older than the application that phones get with it."""

    name: str
    problem: str
    """The rest of a sentence, and how to correct it."""
    is_fault: bool


def older_files(files: VendorFiles, dsp_versions: Mapping[str, str]) -> Iterator[OlderFile]:
    """Yield which files of one phone are older than its application. `dsp_versions`: see `Model.dsp_versions`."""
    if not files.fwurl:
        return
    application = read_version(files.fwurl)
    if files.dspurl:
        why = _older_dsp(application, read_version(files.dspurl), dsp_versions)
        if why:
            problem = (
                f"is the DSP for phones with {files.fwurl}, and older than it: {why}; "
                "place the DSP of that package, or pin the application that belongs to this DSP"
            )
            yield OlderFile(files.dspurl, problem, is_fault=True)
    for line in _WITH_APPLICATION:
        name = getattr(files, line)
        version = read_version(name)
        if (
            version.is_dotted
            and application.is_dotted
            and version.numbers[:_SAME_BUILD] < application.numbers[:_SAME_BUILD]
        ):
            problem = f"is {version}, for phones with {files.fwurl}; place the file of that package"
            yield OlderFile(name, problem, is_fault=False)


def _older_dsp(application: FileVersion, dsp: FileVersion, dsp_versions: Mapping[str, str]) -> str:
    """Return why a DSP is older than its application; "" where nothing says so."""
    shipped = sorted((parse_numbers(since), own) for since, own in dsp_versions.items())
    least = next((own for since, own in reversed(shipped) if application.numbers >= since), "")
    if least and application.is_readable and dsp.is_readable and dsp.numbers < parse_numbers(least):
        return f"it came with DSP {least}"
    if dsp.release and application.release and dsp.release < application.release:
        return f"it is of release R{'.'.join(map(str, application.release))}"
    if application.is_sed and not dsp.is_sed and not least:
        return "its package is SED, and the DSP's is not"
    return ""
