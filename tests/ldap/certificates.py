"""A certificate authority for one test, made with openssl."""

import subprocess
from pathlib import Path

from services.demo.slapd import TlsFiles
from tests.tools import need_tool


def make_certificates(folder: Path, names: str = "DNS:localhost,IP:127.0.0.1") -> TlsFiles:
    """Make an authority, and a server certificate for these subjectAltNames, in a folder that does not exist yet."""
    openssl = need_tool("openssl")
    folder.mkdir()
    files = TlsFiles(folder / "ca.pem", folder / "server.pem", folder / "server.key")
    new_key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    names_file = folder / "names"
    names_file.write_text(f"subjectAltName={names}\n", encoding="utf-8")

    def run(*arguments: str | Path) -> None:
        subprocess.run([openssl, *arguments], check=True, capture_output=True, cwd=folder)

    authority: list[str | Path] = ["-subj", "/CN=Test authority", "-days", "2", "-keyout", "ca.key", "-out", files.ca]
    run("req", "-x509", *new_key, *authority, "-addext", "keyUsage=critical,keyCertSign")
    run("req", *new_key, "-subj", "/CN=test server", "-keyout", files.key, "-out", "server.csr")
    signing: list[str | Path] = [
        "-CA",
        files.ca,
        "-CAkey",
        "ca.key",
        "-CAcreateserial",
        "-days",
        "2",
        "-extfile",
        names_file,
    ]
    run("x509", "-req", "-in", "server.csr", *signing, "-out", files.certificate)
    return files
