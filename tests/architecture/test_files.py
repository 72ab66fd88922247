"""What the files of the repository may say, and the pins."""

from __future__ import annotations

import re
import subprocess
import tomllib
from importlib.metadata import distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

HOSTS = ["pypi" + ".org", "python" + "hosted", "npm" + "js.", "proxy.golang" + ".org"]
INDEX_OPTIONS = ["index" + "-url", "find" + "-links", "trusted" + "-host"]
PATHS = ["/" + top for top in ("work/", "root/", "home/", "Users/", "opt/pypi", "opt/wheels")]
FORBIDDEN = re.compile(
    "|".join(re.escape(word) for word in HOSTS + INDEX_OPTIONS)
    + r"|(?<![\w.~*-])(?:"
    + "|".join(re.escape(path) for path in PATHS)
    + ")"
)
"""A path counts at the start of a word: a folder named `work` inside the project is fine."""


def committed_files() -> list[Path]:
    """Everything that is, or is about to be, committed."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    paths = (ROOT / name for name in listed.stdout.split("\0") if name)
    return [path for path in paths if path.is_file()]


def canonical(name: str) -> str:
    """A distribution's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def pins() -> dict[str, str]:
    """The constraints file, which holds exact versions and nothing else."""
    found = {}
    for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines():
        match = re.fullmatch(r"([A-Za-z0-9._-]+)==([A-Za-z0-9.!+]+)", line)
        assert match, f"not an exact pin: {line!r}"
        found[canonical(match[1])] = match[2]
    return found


@pytest.mark.parametrize(
    ("text", "caught"),
    [
        ("see " + "/" + "root/x", True),
        ("https://" + HOSTS[0], True),
        ("our/work/list and ~/home/x", False),
    ],
)
def test_the_guard_itself(text: str, caught: bool) -> None:
    assert bool(FORBIDDEN.search(text)) is caught


def test_no_file_names_this_machine_or_a_registry() -> None:
    found = []
    for path in committed_files():
        text = path.read_bytes().decode("utf-8", errors="replace")
        for number, line in enumerate(text.split("\n"), start=1):
            if match := FORBIDDEN.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {match[0]}")
    assert not found


def test_every_requirement_is_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"]]
    for extra in project.get("optional-dependencies", {}).values():
        wanted += extra
    names = {canonical(re.split(r"[\[<>=!~; ]", one)[0]) for one in wanted}
    assert not names - pins().keys()


def test_what_is_installed_is_what_is_pinned() -> None:
    pinned = pins()
    own = {"pip", "setuptools", "wms-terminal"}
    installed = {canonical(one.name): one.version for one in distributions()}
    strays = {name for name in installed if pinned.get(name) != installed[name]} - own
    assert not strays
