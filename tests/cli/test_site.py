from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.cli.conftest import Run, dump
from tests.stores import url_of
from wms_terminal.cli import cli
from wms_terminal.cli.labels import KINDS


@pytest.mark.slow
def test_a_site_in_a_folder_that_is_not_there_yet(tmp_path: Path) -> None:
    url = url_of(tmp_path / "new" / "wms.db")
    words = ["--store", url, "site", "init", "--demo"]
    first = CliRunner().invoke(cli, words)
    assert first.exit_code == 0, first.output
    before = dump(url)
    second = CliRunner().invoke(cli, words)
    assert second.exit_code == 0
    assert dump(url) == before
    site = tmp_path / "new" / "site" / "site.toml"
    for kind in KINDS:
        if kind == "products":
            continue
        out = tmp_path / f"{kind}.pdf"
        options = ["--site", str(site)] if kind == "badges" else []
        words = ["--store", url, "labels", kind, "--out", str(out), *options, "--only", "*1*"]
        if kind in ("commands", "carriers"):
            words = words[:-2]
        result = CliRunner().invoke(cli, words)
        assert result.exit_code == 0, result.output
        assert out.read_bytes().startswith(b"%PDF")


def test_the_labels_of_products(run: Run, tmp_path: Path) -> None:
    assert run("labels", "products").exit_code == 0
    assert (tmp_path / "products.pdf").read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize("content", [b"\xff\xfe", b"[site", b"\0", b""])
def test_a_site_file_that_is_none(run: Run, url: str, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "site.toml"
    path.write_bytes(content)
    before = dump(url)
    for words in (("site", "init", path), ("labels", "badges", "--site", path)):
        result = run(*words)
        assert result.exit_code == 2
        assert isinstance(result.exception, SystemExit)
        assert "site.toml" in result.stderr
    assert dump(url) == before
