"""`wms-terminal tracking` and `wms-terminal feedback`, on a site where one order has left."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest

from data import open_store
from tests.cli.conftest import Run, dump
from tests.integrations.mail.test_replies import mail
from tests.services.test_tracking import number, shipped
from tests.stores import new_store, url_of
from tests.world import MUG, World
from wms_terminal.ports.outbox import OutboxState


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, str]:
    """A site where order 1001 has left, and its SSCC."""
    folder = tmp_path_factory.mktemp("left")
    store = new_store(folder)
    world = World(store)
    code = number(world, shipped(world))
    store.close()
    return (folder / "wms.db").read_bytes(), code


@pytest.fixture
def site(left: tuple[bytes, str], tmp_path: Path) -> str:
    path = tmp_path / "left.db"
    path.write_bytes(left[0])
    return url_of(path)


@pytest.fixture
def sscc(left: tuple[bytes, str]) -> str:
    return left[1]


def test_a_couriers_file_and_the_journey(run: Run, site: str, sscc: str, tmp_path: Path) -> None:
    file = tmp_path / "scans.csv"
    file.write_text(
        "Tracking Number;Date;Status;Remark;Depot\n"
        f"00{sscc};3-3-2026 13:00;In transit;Sorted \x1b[31m;AMS\n"
        f"{sscc};2026-03-04T10:00:00+01:00;Bij buren;nr 7;AMS\n"
        "3SNOBODY;2026-03-04;Delivered;;AMS\n"
        f"{sscc};2026-03-04;Who knows;;AMS\n",
        encoding="utf-8",
    )
    assert "nothing heard yet" in run("tracking", "1001", store=site).stdout
    done = run("tracking", file, "--status", "Bij buren=delivered", store=site)
    assert done.exit_code == 0, done.output
    assert "        2  moved on" in done.stdout
    assert "line 4: unknown number: 3SNOBODY" in done.stdout
    assert "line 5: unknown status" in done.stdout
    shown = run("tracking", "1001", store=site)
    assert "\x1b" not in shown.stdout
    assert "delivered 2026-03-04T09:00:00.000Z" in shown.stdout
    told = json.loads(run("tracking", "1001", "--json", store=site).stdout)
    assert [event["milestone"] for event in told["parcels"][0]["events"]] == [
        "on_the_way",
        "delivered",
    ]
    before = dump(site)
    again = run("tracking", file, "--status", "Bij buren=delivered", store=site)
    assert "moved on" not in again.stdout
    assert dump(site) == before


def test_json_of_a_courier(run: Run, site: str, sscc: str, tmp_path: Path) -> None:
    file = tmp_path / "scans.json"
    rows = [{"barcode": sscc, "time": "2026-03-04T10:00:00Z", "state": "delivered", "x": [1]}]
    file.write_text(json.dumps(rows), encoding="utf-8")
    assert "1  moved on" in run("tracking", file, store=site).stdout


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("tracking,at\n1,2\n", "status"),
        ("tracking,at,status\n1,2026-03-04,delivered\n1\n", "line 3"),
        ("", "empty"),
    ],
)
def test_a_broken_file_changes_nothing(
    run: Run, site: str, tmp_path: Path, text: str, why: str
) -> None:
    file = tmp_path / "scans.csv"
    file.write_text(text, encoding="utf-8")
    before = dump(site)
    done = run("tracking", file, store=site)
    assert done.exit_code == 1
    assert why in done.output
    assert dump(site) == before


def test_what_is_neither_an_order_nor_a_file(run: Run, site: str) -> None:
    assert run("tracking", "no-such", store=site).exit_code == 1
    assert run("tracking", "1001", "--status", "a=delivered", store=site).exit_code == 2


def test_feedback_of_a_form(run: Run, site: str, tmp_path: Path) -> None:
    assert "Nobody has said anything yet." in run("feedback", store=site).stdout
    file = tmp_path / "form.csv"
    file.write_text(
        "id,Bestelnummer,Cijfer,Opmerking,SKU\n"
        f"1,1001,2,=cmd|' /C calc'!A0 \x1b[31mbad,{MUG}\n2,1001,5,,\n3,9999,5,,\n",
        encoding="utf-8",
    )
    done = run("feedback", "import", file, store=site)
    assert done.exit_code == 0, done.output
    assert "        2  kept" in done.stdout
    assert "line 4: unknown order" in done.stdout
    before = dump(site)
    assert "2  known" in run("feedback", "import", file, store=site).stdout
    assert dump(site) == before
    shown = run("feedback", "--by", "product", store=site)
    assert "mean 3.5, lowest 2" in shown.stdout
    assert "\x1b" not in shown.stdout
    told = json.loads(run("feedback", "--by", "cause", "--json", store=site).stdout)
    assert {item["count"] for item in told["sums"]} <= {1, 2}
    assert told["recent"][0]["order_number"] == "1001"
    assert json.loads(run("feedback", "--since", "2999-01-01", "--json", store=site).stdout)[
        "sums"
    ] == [{"what": "", "name": "", "count": 0, "scored": 0, "mean": None, "lowest": None, "low": 0}]
    out = tmp_path / "sums.csv"
    assert run("feedback", "--by", "channel", "--csv", out, store=site).exit_code == 0
    assert out.read_text(encoding="utf-8").splitlines()[1] == "web,,2,2,3.5,2,1"


def test_answers_of_a_maildir(run: Run, site: str, tmp_path: Path) -> None:
    assert run("feedback", "fetch", store=site).exit_code == 2
    for name in ("new", "cur", "tmp"):
        (tmp_path / "box" / name).mkdir(parents=True)
    (tmp_path / "box" / "new" / "1").write_bytes(
        mail("1\nBroken", In_Reply_To="<ours@shop.example>").as_bytes()
    )
    with closing(open_store(site)) as store, store.write() as tx:
        tx.site.set_setting("mail.replies", f"maildir://{tmp_path}/box")
        order = tx.orders.find("1001")
        assert order is not None
        tx.outbox.add("mail", "follow_up", "k", order.id, "{}", "2026-03-05T09:00:00.000Z")
        message = tx.outbox.claim("mail", "w", "2027", "2028")
        assert message is not None
        tx.outbox.settle(message, OutboxState.DONE, "250", "<ours@shop.example>", "2027")
    assert run("worker", "--once", store=site).exit_code == 0
    assert "There is nothing in it." in run("feedback", "fetch", store=site).stdout
    (tmp_path / "box" / "new" / "2").write_bytes(b"nothing")
    assert "1  not for us" in run("feedback", "fetch", store=site).stdout
    assert "Broken" in run("feedback", store=site).stdout
    assert "Feedback: 1 of 5" in run("order", "1001", store=site).stdout
