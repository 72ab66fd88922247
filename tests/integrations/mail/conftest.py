"""A mail server on this machine that says what a test wants, with a certificate of its own."""

from __future__ import annotations

import ssl
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.integrations.mail.post_office import Box, PostOffice

Open = Callable[..., PostOffice]


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Certificate and key for 127.0.0.1 in one file."""
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    key = path.with_name("key.pem")
    words = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    words += ["-nodes", "-days", "30", "-subj", "/CN=127.0.0.1", "-keyout", str(key)]
    words += ["-addext", "subjectAltName=IP:127.0.0.1", "-out", str(path)]
    try:
        subprocess.run(words, check=True, capture_output=True)
    except FileNotFoundError:
        pytest.fail("openssl is missing. Debian, Ubuntu: apt-get install openssl")
    path.write_text(path.read_text() + key.read_text())
    return path


@pytest.fixture(scope="session")
def trusting(certificate: Path) -> ssl.SSLContext:
    """Who believes that certificate."""
    return ssl.create_default_context(cafile=str(certificate))


@pytest.fixture
def post_office(certificate: Path) -> Iterator[Open]:
    """Opens mail servers; all are closed in the end."""
    opened: list[PostOffice] = []

    def open_one(box: Box | None = None, **options: object) -> PostOffice:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        office = PostOffice(box or Box(), context, **options)  # type: ignore[arg-type]
        opened.append(office)
        office.start()
        return office

    yield open_one
    for office in opened:
        office.stop()
