from __future__ import annotations

import subprocess
import sys

import pytest
from click.testing import CliRunner

from wms_terminal.cli import _COMMANDS, cli

HEAVY = {"textual", "sqlite_utils", "pysqlite3", "rich", "fpdf", "PIL", "data", "devices"}


@pytest.mark.parametrize("command", [[], *([name] for name in _COMMANDS), ["site", "init"]])
def test_every_command_explains_itself(command: list[str]) -> None:
    result = CliRunner().invoke(cli, [*command, "--help"])
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("Usage:")
    assert result.stderr == ""


def test_help_loads_nothing_heavy() -> None:
    script = (
        "import sys\n"
        "from wms_terminal.cli import main\n"
        "sys.argv = ['wms-terminal', '--help']\n"
        "main()\n"
        "print(*{name.split('.')[0] for name in sys.modules}, file=sys.stderr)\n"
    )
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert not HEAVY & set(told.stderr.decode().split())


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["--nonsense"],
        ["site"],
        ["import"],
        ["order"],
        ["labels"],
        ["station"],
        ["station", "test"],
        ["station", "test", "PACK-01", "--only", "kettle"],
        ["labels", "scanner-setup", "--only", "x"],
    ],
)
def test_usage_mistakes_are_exit_code_2(arguments: list[str]) -> None:
    result = CliRunner().invoke(cli, arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "Usage:" in result.stderr
