"""Which module a kind of channel is, and where its secrets come from."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from tests.integrations.memory_shop import MemoryChannel, MemoryShop
from wms_terminal.integrations import channels
from wms_terminal.integrations.channels import open_channel
from wms_terminal.integrations.secrets import open_secrets
from wms_terminal.ports.channel import Channel, ChannelSettings, Secret

ROOT = Path(__file__).resolve().parents[2]


def of_kind(kind: str) -> ChannelSettings:
    return ChannelSettings("web", kind, "https://shop.example")


def no_secret(name: str) -> str:
    raise AssertionError(name)


def install(site: Path, name: str, points: str, module: str = "") -> None:
    """A package as an installer leaves it."""
    info = site / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[wms_terminal.channels]\n{points}\n")
    if module:
        (site / f"{name}.py").write_text(module)


def test_a_package_of_somebody_else_adds_a_kind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = "def make(settings, secret): return (settings.code, secret('k'))\nbad = 3\n"
    install(tmp_path, "their_shop", "magento = their_shop:make", made)
    install(tmp_path, "odd_shop", "odd = their_shop:bad\nworse = no_such_module:x")
    monkeypatch.syspath_prepend(tmp_path)
    opened: object = open_channel(of_kind("magento"), str.upper, {})
    assert opened == ("web", "K")
    with pytest.raises(ValueError, match=r"kind odd .*their_shop:bad.*expected a function"):
        open_channel(of_kind("odd"), no_secret, {})
    with pytest.raises(ValueError, match=r"no_such_module.*Ask whoever made it"):
        open_channel(of_kind("worse"), no_secret, {})
    install(tmp_path, "rival", "magento = rival:make")
    with pytest.raises(ValueError, match="Uninstall all but one"):
        open_channel(of_kind("magento"), no_secret, {})


def test_an_unknown_kind_names_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"bol, file, .*woocommerce.*Did you mean woocommerce"):
        open_channel(of_kind("wooocommerce"), no_secret, {"file": _make})


def test_the_callers_own_kinds_are_opened() -> None:
    assert isinstance(open_channel(of_kind("file"), no_secret, {"file": _make}), MemoryChannel)


def test_when_customers_are_asked_is_an_option_of_every_channel_that_none_sees() -> None:
    seen: list[ChannelSettings] = []

    def make(settings: ChannelSettings, secret: Secret) -> Channel:
        seen.append(settings)
        return _make(settings, secret)

    options = {"follow_up_days": "5", "out": "csv"}
    open_channel(replace(of_kind("file"), options=options), no_secret, {"file": make})
    assert seen[0].options == {"out": "csv"}
    for days in ("soon", "31", "-1", "٣"):
        options["follow_up_days"] = days
        with pytest.raises(ValueError, match="0 to 30 days"):
            open_channel(replace(of_kind("file"), options=options), no_secret, {"file": make})


def test_the_metadata_and_the_program_know_the_same_kinds() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["entry-points"][channels.GROUP] == channels.BUILT_IN


def _make(settings: ChannelSettings, secret: Secret) -> Channel:
    del settings, secret
    return MemoryChannel(MemoryShop())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "secrets"
    found.mkdir(mode=0o700)
    return found


def keep(folder: Path, text: bytes = b"s3cret\n", mode: int = 0o600) -> Path:
    path = folder / "web-key"
    path.write_bytes(text)
    path.chmod(mode)
    return path


def test_the_environment_goes_before_the_file(folder: Path) -> None:
    keep(folder)
    environment = {"WMS_SECRETS": str(folder), "WMS_SECRET_WEB_KEY": "other"}
    assert open_secrets(environment)("web-key") == "other"
    del environment["WMS_SECRET_WEB_KEY"]
    assert open_secrets(environment)("web-key") == "s3cret"


@pytest.mark.parametrize(
    ("text", "mode", "expected"),
    [
        (b"s3cret", 0o640, "chmod 600"),
        (b"s3cret", 0o604, "chmod 600"),
        (b"\n", 0o600, "got nothing"),
        (b"s3cret\nmore", 0o600, "control characters"),
        (b"s3cret\xff", 0o600, "no UTF-8"),
        (b"s3cret" * 20_000, 0o600, "too large"),
    ],
)
def test_a_file_that_is_no_good_is_refused_without_repeating_it(
    folder: Path, text: bytes, mode: int, expected: str
) -> None:
    keep(folder, text, mode)
    with pytest.raises(ValueError, match=expected) as caught:
        open_secrets({"WMS_SECRETS": str(folder)})("web-key")
    assert "WMS_SECRET_WEB_KEY" in str(caught.value) or "web-key" in str(caught.value)
    assert "s3cret" not in str(caught.value)


def test_a_secret_that_is_nowhere_says_where_it_was_looked_for(folder: Path) -> None:
    with pytest.raises(ValueError, match=rf"WMS_SECRET_WEB_KEY or in {folder}/web-key"):
        open_secrets({"WMS_SECRETS": str(folder)})("web-key")


def test_links_folders_and_writable_folders_are_refused(folder: Path) -> None:
    secret = open_secrets({"WMS_SECRETS": str(folder)})
    keep(folder).rename(folder / "real")
    (folder / "web-key").symlink_to(folder / "real")
    with pytest.raises(ValueError, match="Expected the secret"):
        secret("web-key")
    (folder / "sub").mkdir()
    with pytest.raises(ValueError, match="no file"):
        secret("sub")
    folder.chmod(0o777)
    with pytest.raises(ValueError, match="chmod 700"):
        secret("real")


@pytest.mark.parametrize("name", ["../web", "", "a/b", ".hidden", "a b", "x" * 129])
def test_a_name_that_is_a_path_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="secret's name"):
        open_secrets({})(name)
