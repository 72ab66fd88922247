from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.files import FileError
from data.files.site_file import read_site, write_site
from data.files.toml_table import LARGEST_FILE
from tests.site.conftest import EXAMPLE
from wms_terminal.demo_site import demo_setup

DOCS = Path(__file__).parents[2] / "docs" / "site.md"


def refused(path: Path, text: str | bytes) -> str:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(FileError) as caught:
        read_site(path)
    return str(caught.value)


def test_what_the_file_says(site_file: Path) -> None:
    site = read_site(site_file)
    assert (site.name, site.timezone) == ("Lantern & Co.", "Europe/Amsterdam")
    assert site.sender.lines()[-1] == "NL"
    assert [item.language for item in site.operators] == ["nl", "en"]
    assert site.operators[0].pin == "4711"
    assert site.stations[0].idle_seconds == 300
    assert site.carriers[0].services[0].countries == "NL BE"


def test_a_site_is_written_as_it_is_read(site_file: Path) -> None:
    site = read_site(site_file)
    site_file.write_text(write_site(site), encoding="utf-8")
    assert read_site(site_file) == site


BOOKED = """
kind = "sendcloud"
url = "https://panel.example/"
[carrier.options]
carrier = "postnl"
"dpi" = "300"
"""


def test_a_carrier_that_is_booked_is_written_as_it_is_read(site_file: Path) -> None:
    text = EXAMPLE.replace('dock = "DOCK-1"\n', f'dock = "DOCK-1"{BOOKED}')
    text = text.replace("rank = 10\n", 'rank = 10\noption = "postnl:standard/signature"\n')
    site_file.write_text(text, encoding="utf-8")
    site = read_site(site_file)
    (carrier,) = site.carriers
    assert (carrier.kind, carrier.url) == ("sendcloud", "https://panel.example/")
    assert carrier.options == (("carrier", "postnl"), ("dpi", "300"))
    assert carrier.services[0].option == "postnl:standard/signature"
    site_file.write_text(write_site(site), encoding="utf-8")
    assert read_site(site_file) == site


def test_the_demo_site_is_written_as_it_is_read(tmp_path: Path) -> None:
    setup = demo_setup(tmp_path)
    (tmp_path / "site.toml").write_text(write_site(setup), encoding="utf-8")
    assert read_site(tmp_path / "site.toml") == setup


@given(name=st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=300))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_name_survives(site_file: Path, name: str) -> None:
    site_file.write_text(EXAMPLE, encoding="utf-8")
    site = replace(read_site(site_file), name=name.strip() or "x")
    site_file.write_text(write_site(site), encoding="utf-8")
    assert read_site(site_file) == site


def test_windows_text_with_a_byte_order_mark(site_file: Path) -> None:
    expected = read_site(site_file)
    site_file.write_bytes(b"\xef\xbb\xbf" + EXAMPLE.replace("\n", "\r\n").encode())
    assert read_site(site_file) == expected


def test_the_documented_example_is_right(tmp_path: Path) -> None:
    example = re.search(r"```toml\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    assert example is not None
    (tmp_path / "site.toml").write_text(example[1], encoding="utf-8")
    site = read_site(tmp_path / "site.toml")
    assert len(site.carriers[0].services) == 2


def test_every_key_is_documented() -> None:
    from data.files import site_file, site_keys
    from data.files.toml_table import Key

    text = DOCS.read_text(encoding="utf-8")
    tables = [table for table in vars(site_keys).values() if isinstance(table, tuple)]
    keys = [key for table in tables for key in table if isinstance(key, Key)]
    names = {f"`{key.name}`" for key in keys} | {f"[{name}]" for name in site_file.TABLES}
    assert len(names) > 30
    assert [name for name in sorted(names) if name not in text] == []


WRONG = [
    # what stands in the example, what stands there instead, place, expected, got
    ('name = "Lantern & Co."\ntime', 'nam = "x"\ntime', "[site], nam", "name", "'nam'"),
    ("[[operator]]", "[[operators]]", "[operators]", "nearest is operator", "'operators'"),
    ("[site.sender]", "[site.sendre]", "[site], sendre", "sender", "'sendre'"),
    ("[[department]]", "[department]", "department", "tables [[department]]", "[department]"),
    ('timezone = "Europe/Amsterdam"', "", "[site], timezone", "required", "nothing"),
    ("Europe/Amsterdam", "Europe/Amsterdm", "[site], timezone", "Europe/Amsterdam", "'Europe/Am"),
    ("Europe/Amsterdam", "../../etc/passwd", "[site], timezone", "a time zone", "etc/passwd"),
    ("952123456", "95212", "gs1_company_prefix", "6 to 12 digits", "'95212'"),
    ("952123456", "9521234567890", "gs1_company_prefix", "6 to 12 digits", "'952"),
    ('"952123456"', "952123456", "gs1_company_prefix", "text in quotes", "without quotes"),
    ('language = "nl"', 'language = "dutch"', "[site], language", "2 letters", "'dutch'"),
    ('country = "NL"', 'country = "NLD"', "[site.sender], country", "2 letters", "'NLD'"),
    ('responsible = "anna"', 'responsible = "ana"', "responsible", "nearest is anna", "'ana'"),
    ("WHB7F3K2M9QX1", "7F3K2M9QX1", "[[operator]] 1 (anna), badge", "WHB and", "'7F3K2M9QX1'"),
    ("WHB7F3K2M9QX1", "WHB0ZZ81KT4P2", "2 (bob), badge", "each badge once", "[[operator]] 1 (an"),
    ('"4711"', '"12"', "[[operator]] 1 (anna), pin", "4 to 8 digits", "'12'"),
    ('"4711"', "4711", "pin", "text in quotes", "'4711' without"),
    ('pin = "4711"', "", "pin", "for a supervisor", "nothing"),
    ("supervisor = true", 'supervisor = "yes"', "supervisor", "true or false", "'yes'"),
    ('code = "bob"', 'code = "ANNA"', "[[operator]] 2 (ANNA), code", "each code once", "'ANNA'"),
    ('code = "bob"', "", "[[operator]] 2, code", "required", "nothing"),
    (
        'department = "picking"',
        'department = "piking"',
        "[[station]] 1 (PICK-01), department",
        "nearest is picking",
        "'piking'",
    ),
    ("PICK-01", "pick 01", "[[station]] 1 (pick 01), code", "capital letters", "'pick 01'"),
    ('scanner = "sim:"', 'scanner = "ttyUSB0"', "scanner", "with its scheme", "'ttyUSB0'"),
    ("tare_g = 260", "tare_g = 260.5", "[[package_type]] 1 (M), tare_g", "whole number", "'260.5'"),
    ("length_mm = 390", "length_mm = 0", "length_mm", "from 1", "'0'"),
    ("width_mm = 290", "width_mm = true", "width_mm", "whole number", "true"),
    ("BOXM1", "WHCOK", "[[package_type]] 1 (M), barcode", "begins with none of WHC", "'WHCOK'"),
    (
        "CARRPOSTNL",
        "o-btn.validate",
        "[[carrier]] 1 (POSTNL), barcode",
        "begins with none",
        "o-btn",
    ),
    ("CARRPOSTNL", "boxm1", "[[carrier]] 1 (POSTNL), barcode", "each barcode once", "package_type"),
    ("BOXM1", "WHSPICK01", "barcode", "begins with none of", "'WHSPICK01'"),
    ('"17:00"', '"25:00"', "[[carrier.service]] 1 (PNL-NL), cutoff", "HH:MM", "'25:00'"),
    ('"17:00"', "17:00:00", "cutoff", "text in quotes", "'17:00:00' without"),
    ('"123456"', '"Mon-Fri"', "pickup_days", "1 (Monday) to 7 (Sunday)", "'Mon-Fri'"),
    ('"123456"', '"1123"', "pickup_days", "1 (Monday) to 7 (Sunday)", "'1123'"),
    ('"NL BE"', '"NL, BE"', "countries", "with spaces between", "'NL, BE'"),
    ("rank = 10", "rnak = 10", "[[carrier.service]] 1 (PNL-NL), rnak", "nearest is rank", "'rnak'"),
    ("[[carrier.service]]", "[carrier.service]", "carrier.service", "[[carrier.service]]", "table"),
    ("Bob Baker", "Bob\\u0007", "[[operator]] 2 (bob), name", "control characters", "'Bob\\x07'"),
]


@pytest.mark.parametrize(("old", "new", "place", "expected", "got"), WRONG)
def test_a_fault_is_named(
    site_file: Path, old: str, new: str, place: str, expected: str, got: str
) -> None:
    assert old in EXAMPLE
    message = refused(site_file, EXAMPLE.replace(old, new, 1))
    where, _, rest = message.partition(": expected ")
    wanted, _, found = rest.partition(", got ")
    assert str(site_file) in where
    assert place in where
    assert expected in wanted
    assert got in found
    assert message.endswith("Correct the file and load it again.")


def test_stations_whose_barcodes_would_be_the_same(site_file: Path) -> None:
    second = '[[station]]\ncode = "PICK0-1"\nname = "x"\ndepartment = "picking"\n\n[[package_type]]'
    message = refused(site_file, EXAMPLE.replace("[[package_type]]", second, 1))
    assert "[[station]] 2 (PICK0-1), code: expected each code without its dashes once" in message


def test_services_are_unique_over_all_carriers(site_file: Path) -> None:
    more = '\n[[carrier]]\ncode = "DHL"\nname = "DHL"\nbarcode = "CARRDHL"\n'
    more += '\n[[carrier.service]]\ncode = "PNL-NL"\nname = "x"\ncutoff = "18:00"\n'
    assert "each code once" in refused(site_file, EXAMPLE + more)


def test_broken_toml_has_a_line(site_file: Path) -> None:
    message = refused(site_file, "[site]\nname = Lantern\n")
    assert "site.toml, line 2, column 8: expected TOML, got Invalid value" in message


def test_broken_text_has_a_line(site_file: Path) -> None:
    message = refused(site_file, b'[site]\nname = "Caf\xe9"\n')
    assert "line 2: expected UTF-8 text, got byte 0xE9. Save the file as UTF-8" in message


@pytest.mark.parametrize(
    "text",
    ["", "site = 3", "[[site]]", "operator = [1]", "x = " + "[" * 3000, "#" * (LARGEST_FILE + 1)],
)
def test_what_is_no_site_is_refused(site_file: Path, text: str) -> None:
    assert "expected" in refused(site_file, text)


@pytest.mark.parametrize("name", ["missing.toml", "."])
def test_a_file_that_cannot_be_read(tmp_path: Path, name: str) -> None:
    with pytest.raises(FileError, match="expected a readable file"):
        read_site(tmp_path / name)
