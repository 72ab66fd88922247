"""`wms-terminal demo` with bad input; the day itself is in tests/integration/test_day.py."""

from __future__ import annotations

import os
from pathlib import Path

from click.testing import CliRunner

from wms_terminal.cli import cli


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for folder in (tmp_path / "file", tmp_path / "file" / "x", Path(os.devnull) / "x"):
        result = CliRunner().invoke(cli, ["demo", "--folder", str(folder)])
        assert result.exit_code == 2
        assert isinstance(result.exception, SystemExit)
