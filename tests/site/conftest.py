from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from data.store import SqlStore
from tests.stores import memory_store, new_store, url_of
from wms_terminal.cli import cli

EXAMPLE = """\
[site]
name = "Lantern & Co."
timezone = "Europe/Amsterdam"
gs1_company_prefix = "952123456"
language = "nl"

[site.sender]
name = "Lantern & Co."
street = "Havenstraat 12"
postcode = "3011 AB"
city = "Rotterdam"
country = "NL"

[[department]]
code = "picking"
name = "Picking"
responsible = "anna"

[[operator]]
code = "anna"
name = "Anna de Vries"
badge = "WHB7F3K2M9QX1"
supervisor = true
pin = "4711"

[[operator]]
code = "bob"
name = "Bob Baker"
badge = "WHB0ZZ81KT4P2"
language = "en"

[[station]]
code = "PICK-01"
name = "Trolley 1"
department = "picking"
bench = "BENCH-01"
scanner = "sim:"

[[package_type]]
code = "M"
name = "Carton M"
barcode = "BOXM1"
tare_g = 260
length_mm = 390
width_mm = 290
height_mm = 190

[[carrier]]
code = "POSTNL"
name = "PostNL"
barcode = "CARRPOSTNL"
dock = "DOCK-1"

[[carrier.service]]
code = "PNL-NL"
name = "PostNL Parcel"
cutoff = "17:00"
pickup_days = "123456"
countries = "NL BE"
rank = 10
"""
LOCATIONS = "code,kind\nA01-01-1,pick\nBENCH-01,bench\nDOCK-1,dock\nT-0001,tote\n"

Cli = Callable[..., Result]


@pytest.fixture
def site_file(tmp_path: Path) -> Path:
    path = tmp_path / "site.toml"
    path.write_text(EXAMPLE, encoding="utf-8")
    return path


@pytest.fixture
def locations_file(tmp_path: Path) -> Path:
    path = tmp_path / "locations.csv"
    path.write_text(LOCATIONS, encoding="utf-8")
    return path


@pytest.fixture
def store() -> Iterator[SqlStore]:
    found = memory_store()
    yield found
    found.close()


@pytest.fixture
def url(tmp_path: Path) -> str:
    new_store(tmp_path).close()
    return url_of(tmp_path / "wms.db")


@pytest.fixture
def run(url: str) -> Cli:
    """The program on a store of its own."""

    def call(*arguments: object) -> Result:
        return CliRunner().invoke(cli, ["--store", url, *map(str, arguments)])

    return call
