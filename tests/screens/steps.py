"""Canned steps: what the kernel answers in each flow, for tests and for the README's pictures."""

from __future__ import annotations

from dataclasses import replace

from wms_terminal.domain.commands import Command
from wms_terminal.domain.outcome import Message, Outcome
from wms_terminal.domain.reasons import SHORT_PICK
from wms_terminal.domain.text import NO_TEXT, T, Text
from wms_terminal.services.reasons import reason_keys, reason_table
from wms_terminal.services.step import Goods, Key, Step, Table, View, key

UNDO_MENU = (key(9, Command.UNDO), key(10, Command.MENU))
ORDER = T(
    "order {number} · {carrier} leaves {time}", number="536847", carrier="DHL", time="23-11 17:00"
)


def step(flow: str, state: str, prompt: Text, view: View, keys: tuple[Key, ...] = ()) -> Step:
    """A step at PICK-03, with somebody signed in."""
    return Step("PICK-03", "Anna de Vries", "", flow, state, prompt, view, keys)


def ok(text: Text, outcome: Outcome = Outcome.OK, advice: Text | None = None) -> Message:
    """An accepted scan's message."""
    return Message(outcome, "test", text, advice=advice or T(""))


SIGN_IN = Step(
    "PICK-03", "", "", "sign_in", "free", T("SCAN YOUR BADGE"),
    View(title=T("{station} is free", station="PICK-03"), place="PICK-03"), (),
    keyed=T("Badge number"), secret=True, hint="WHB123",
)  # fmt: skip

LOCKED = replace(
    SIGN_IN,
    state="locked",
    view=View(title=T("Locked: the work of {name} is kept", name="Anna de Vries"), place="PICK-03"),
)

MENU = replace(
    step(
        "menu",
        "start",
        T("CHOOSE YOUR WORK"),
        View(
            title=T("Menu"),
            facts=(
                (T("To pick"), "128"),
                (T("Being picked"), "6"),
                (T("To pack"), "17"),
                (T("Being packed"), "3"),
                (T("To ship"), "42"),
                (T("Not paid yet"), "9"),
                (T("Waiting for stock"), "4"),
                (T("On hold"), "1"),
            ),
            table=Table(
                (T("Time"), T("For you ({count})", count=2)),
                (
                    ("09:12", T("Count {location}: it should be empty", location="A07-12-3")),
                    ("09:40", T("Order {number} is held at staging", number="536851")),
                ),
            ),
        ),
        (
            key(2, Command.PICK),
            key(3, Command.PACK),
            key(4, Command.SHIP),
            key(5, Command.LOOK),
            key(6, Command.OK),
            key(10, Command.OUT),
        ),
    ),
    message=ok(T("Hello, {name}", name="Anna de Vries")),
    hint="WHCPICK",
    notices=2,
)  # fmt: skip

PICK = replace(
    step(
        "pick",
        "location",
        T("SCAN THE LOCATION"),
        View(
            title=ORDER,
            place_label=T("GO TO"),
            place="A07-12-3",
            goods_label=T("TAKE"),
            goods=Goods(
                "WHITE METAL LANTERN",
                "71053",
                4,
                0,
                T("{sku} · {weight} kg", sku="71053", weight="3.2"),
            ),
            into_label=T("INTO"),
            into="T-0142",
            progress=(2, 17),
        ),
        (key(4, Command.SHORT), key(8, Command.SKIP), *UNDO_MENU),
    ),
    message=ok(
        T(
            "{count} × {name} into {tote}",
            count=2,
            name="RED WOOLLY HOTTIE WHITE HEART.",
            tote="T-0142",
        ),
        Outcome.LINE_DONE,
    ),
    keyed=T("Check digits at {location}", location="A07-12-3"),
    hint="WHLA07123",
)

PICK_PRODUCT = replace(
    PICK,
    state="product",
    prompt=T("SCAN THE NEXT ONE, OR THE TOTE"),
    view=replace(
        PICK.view,
        place_label=T("AT"),
        goods=Goods(
            "WHITE HANGING HEART T-LIGHT HOLDER", "85123A", 12, 5,
            T("{sku} · {weight} kg", sku="85123A", weight="3.2"), lot="L2024-05",
        ),
    ),
    message=ok(
        T("{have} of {wanted} × {name}", have=5, wanted=12, name="WHITE HANGING HEART T-LIGHT")
    ),
    keyed=T("Total in hand now, or the product's number"),
    hint="]C1010871234567890610L2024-05",
)  # fmt: skip

PICK_REASON = replace(
    PICK,
    state="reason",
    prompt=T("WHY IS IT SHORT?"),
    view=View(title=ORDER, goods=PICK.view.goods, table=reason_table(SHORT_PICK)),
    keys=(*reason_keys(SHORT_PICK), key(10, Command.MENU)),
    message=ok(T("Why is it short?"), Outcome.CONFIRM),
    keyed=T(""),
)

PICK_IDLE = step(
    "pick",
    "idle",
    T("NO WORK NOW"),
    View(
        title=T("Pick"),
        facts=((T("Not paid yet"), "9"), (T("Waiting for stock"), "4"), (T("On hold"), "1")),
    ),
    (key(5, Command.WORK), *UNDO_MENU),
)

REFUSED = replace(
    PICK_PRODUCT,
    prompt=T("PRESS OR SCAN OK"),
    message=Message(
        Outcome.WRONG,
        "wrong_product",
        T("Wrong product"),
        expected="WHITE HANGING HEART T-LIGHT HOLDER (85123A)",
        got="RED HANGING HEART T-LIGHT HOLDER (85123C)",
        advice=T("Put it back where it was"),
    ),
    must_acknowledge=True,
    keyed=T(""),
    hint="WHCOK",
)

REFUSED_PLACE = replace(
    REFUSED,
    message=Message(
        Outcome.WRONG, "wrong_location", T("Wrong location"), expected="A07-12-3", got="A07-12-4"
    ),
)

PACK_VERIFY = replace(
    step(
        "pack",
        "verify",
        T("SCAN EVERY UNIT"),
        View(
            title=ORDER,
            place_label=T("PARCEL {number}", number=1),
            place="C3",
            goods_label=T("VERIFY"),
            goods=Goods(
                "WHITE METAL LANTERN", "71053", 4, 0,
                T("{sku} · {count} other products wait", sku="71053", count=6),
            ),
            into_label=T("ADVISED"),
            into="Carton 3 (40 × 30 × 20)",
            facts=((T("Customer's wish"), "Please pack as a present, no invoice in the box"),),
            progress=(9, 31),
        ),
        (key(4, Command.SHORT), key(5, Command.BOX), key(7, Command.TAKE), *UNDO_MENU),
    ),
    message=ok(
        T("{count} × {name} into parcel {parcel}", count=1, name="HAND WARMER UNION JACK", parcel=1)
    ),
    keyed=T("Product number"),
    hint="5010000000017",
)  # fmt: skip

PACK_PACKAGE = replace(
    PACK_VERIFY,
    state="package",
    prompt=T("SCAN THE CARTON, OR OK FOR THIS ONE"),
    view=View(
        title=ORDER,
        place_label=T("TAKE CARTON"),
        place="C3",
        table=Table(
            (T("Carton"), T("Size")),
            tuple((f"Carton {n}", f"{n}00 × {n}00 × {n}00 mm") for n in range(1, 6)),
        ),
        progress=(31, 31),
    ),
    keys=(key(5, Command.OK), *UNDO_MENU),
    keyed=T(""),
)

PACK_WEIGH = replace(
    PACK_VERIFY,
    state="weigh",
    prompt=T("PUT THE PARCEL ON THE SCALE: WEIGH"),
    view=View(title=ORDER, place_label=T("ABOUT"), place="3.41 KG", progress=(31, 31)),
    keys=(key(5, Command.WEIGH), key(6, Command.OVERRIDE), key(7, Command.TAKE), *UNDO_MENU),
    message=Message(
        Outcome.DEVICE,
        "scale_fault",
        T("No weight: {trouble}", trouble="The weight is not stable."),
        advice=T("Weigh again, or scan OK to close without weighing"),
    ),
)

PACK_LABEL = replace(
    PACK_VERIFY,
    state="label",
    prompt=T("PUT THE LABEL ON AND SCAN IT"),
    view=View(title=ORDER, place_label=T("LABEL"), place="…004217", progress=(31, 31)),
    keys=(key(6, Command.PRINT), key(8, Command.SKIP), *UNDO_MENU),
    message=ok(T("Label of parcel {number}", number=1), Outcome.ORDER_DONE),
    keyed=T(""),
)

PACK_OPEN = replace(
    PACK_VERIFY,
    state="open",
    prompt=T("SCAN A TOTE, AN ORDER OR A PRODUCT"),
    view=View(
        title=T("Pack"),
        table=Table(
            (T("Order"), T("Carrier"), T("Leaves (UTC)")),
            tuple((f"5368{n}", "DHL", "11-23 17:00") for n in range(40, 48)),
        ),
    ),
    keys=(key(7, Command.REOPEN), *UNDO_MENU),
    keyed=T("Order number"),
)

SHIP_LOAD = replace(
    step(
        "ship",
        "load",
        T("SCAN EVERY PARCEL"),
        View(
            title=T("{carrier} · manifest {code}", carrier="DHL", code="M-20261123-1"),
            place_label=T("LOADED"),
            place="25",
            facts=((T("Still here"), "17"),),
            table=Table(
                (T("Order"), T("Parcel"), T("Label")),
                tuple((f"5368{n}", "1", f"…0042{n}") for n in range(40, 48)),
            ),
            progress=(25, 42),
        ),
        (key(5, Command.HANDOVER), *UNDO_MENU),
    ),
    message=ok(T("Loaded: {name}; {left} still here", name="order 536847, parcel 1", left=17)),
    hint="00123456789012345675",
)

SHIP_HANDOVER = replace(
    SHIP_LOAD,
    state="handover",
    prompt=T("COURIER TAKES THEM: SCAN {carrier} AGAIN", carrier="DHL"),
    keys=(key(3, Command.OK), key(9, Command.NO), key(10, Command.MENU)),
    message=ok(
        T("{count} parcels loaded, {left} stay behind", count=25, left=17),
        Outcome.CONFIRM,
        T("Scan the carrier again when the courier takes them, or key in the courier's count"),
    ),
    keyed=T("The courier's own count"),
)

RETURN_RECEIVE = replace(
    step(
        "returns",
        "receive",
        T("SCAN EACH UNIT"),
        View(
            title=T("return {number} · order {order}", number="R000042", order="536847"),
            facts=(
                (T("Announced"), "23-11 09:12"),
                (T("Channel's number"), "#1001-R1"),
                (T("Every unit"), T("{what}, {place}", what=T("Restock"), place="A07-12-3")),
            ),
            table=Table(
                (
                    T("Product"),
                    T("Name"),
                    T("Received"),
                    T("Advised"),
                    T("On hold"),
                    T("Reason"),
                ),
                (
                    ("71053", "WHITE METAL LANTERN", "1", "2", "0", T("Came too late")),
                    ("22423", "REGENCY CAKESTAND 3 TIER", "0", "1", "0", T("Changed mind")),
                ),
            ),
            progress=(1, 3),
        ),
        (
            key(3, Command.OK),
            Key(7, Command.NO.value, T("Ask each")),
            *UNDO_MENU,
        ),
    ),
    message=ok(T("{count} × {name} to {place}", count=1, name="WHITE METAL LANTERN",
                 place="A07-12-3")),
    keyed=T("Product, or return or order number"),
)  # fmt: skip

RETURN_UNIT = replace(
    RETURN_RECEIVE,
    state="inspect",
    prompt=T("WHAT BECOMES OF IT?"),
    view=View(
        title=T("return {number} · order {order}", number="R000042", order="536847"),
        goods_label=T("UNIT"),
        goods=Goods("WHITE METAL LANTERN", "71053", 1),
    ),
    keys=(
        Key(4, "WHRSTOCK", T("Restock")),
        Key(5, "WHRSCRAP", T("Scrap")),
        Key(6, "WHRHOLD", T("Hold")),
        Key(7, Command.NO.value, T("Not this one")),
        *UNDO_MENU,
    ),
    keyed=NO_TEXT,
)

LOOKUP_ASK = replace(
    step("lookup", "ask", T("SCAN OR KEY IN ANYTHING"), View(title=T("Look up")), UNDO_MENU),
    keyed=T("Order, name, postcode, product or location"),
)

LOOKUP_ORDER = replace(
    LOOKUP_ASK,
    view=View(
        title=T("Order {number}: {state}", number="536847", state="picking"),
        facts=(
            (T("Why"), T("{name} picks it at {station}", name="Anna de Vries", station="PICK-03")),
            (T("Customer"), "Jolanda Smeets-van der Heijden, 's-Hertogenbosch NL"),
            (T("Promised"), "2026-11-24"),
            (T("Leaves"), "DHL Parcel, 23-11 17:00"),
            (T("Units"), T("{ordered} ordered, {picked} picked, {packed} packed, {shipped} shipped",
                           ordered=31, picked=9, packed=0, shipped=0)),
            (T("Tote"), T("{tote}: {place}", tote="T-0142", place=T("with its picker"))),
        ),
        table=Table(
            (T("Time"), T("What"), T("Who"), T("Where")),
            tuple(
                (f"23-11 09:{n:02}", f"{n} × WHITE METAL LANTERN into T-0142", "Anna", "PICK-03")
                for n in range(40)
            ),
        ),
    ),
    message=ok(T("Found")),
)  # fmt: skip

SERVICE_LIST = replace(
    LOOKUP_ASK,
    flow="service",
    prompt=T("WHICH? ENTER OR NUMBER"),
    view=View(
        title=T("{count} orders", count=30),
        table=Table(
            (T("No."), T("Order"), T("State"), T("Name"), T("City"), T("Placed")),
            tuple(
                (str(n), str(536846 + n), "new", "Jolanda Smeets-van der Heijden", "Delft NL",
                 "2026-11-23")
                for n in range(1, 31)
            ),
            tuple(str(n) for n in range(1, 31)),
        ),
    ),
    message=ok(T("{count} orders", count=30)),
)  # fmt: skip

SERVICE_ORDER = replace(
    LOOKUP_ORDER,
    flow="service",
    state="order",
    prompt=T("WHAT NOW? OR KEY IN ANOTHER ORDER"),
    view=replace(
        LOOKUP_ORDER.view,
        alarm=T(
            "NOT TOLD: {what} to {target}: {why}. F4 tries again",
            what=T("shipping mail"),
            target=T("customer"),
            why="550 no such mailbox",
        ),
    ),
    keys=(
        key(3, Command.NOTE),
        key(4, Command.MESSAGES),
        key(6, Command.REFUND),
        key(7, Command.HOLD),
        Key(8, Command.SKIP.value, T("More")),
        key(10, Command.MENU),
    ),
)

ALL: dict[str, Step] = {
    "sign_in": SIGN_IN,
    "locked": LOCKED,
    "menu": MENU,
    "pick": PICK,
    "pick_product": PICK_PRODUCT,
    "pick_reason": PICK_REASON,
    "pick_idle": PICK_IDLE,
    "refused": REFUSED,
    "refused_place": REFUSED_PLACE,
    "pack_verify": PACK_VERIFY,
    "pack_package": PACK_PACKAGE,
    "pack_weigh": PACK_WEIGH,
    "pack_label": PACK_LABEL,
    "pack_open": PACK_OPEN,
    "ship_load": SHIP_LOAD,
    "ship_handover": SHIP_HANDOVER,
    "return_receive": RETURN_RECEIVE,
    "return_unit": RETURN_UNIT,
    "lookup_ask": LOOKUP_ASK,
    "lookup_order": LOOKUP_ORDER,
    "service_list": SERVICE_LIST,
    "service_order": SERVICE_ORDER,
}
"""One of each kind."""
