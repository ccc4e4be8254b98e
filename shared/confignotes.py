"""What is worth knowing of a configuration that is sound: settings that not every phone can live with. Pure."""

from collections.abc import Iterator

from shared.config import Config
from shared.errors import Fault


def config_notes(config: Config) -> Iterator[Fault]:
    """Yield each setting with what to know of it."""
    for path, url in (
        ("provision.public_url", config.provision.public_url),
        ("directory.public_url", config.directory.public_url),
    ):
        if url.startswith("https:"):
            yield Fault(
                path,
                "phones of the ST2030's age speak TLS 1.0 at most, which the nginx of `dialtree export nginx`, and OpenSSL by "
                "default, refuse; use http: in the phones' network, or a front end of your own that allows TLS 1.0",
            )
