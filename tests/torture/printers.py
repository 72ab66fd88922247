"""Label printers that are off, out of paper, reset in the middle of a label, or hang."""

from __future__ import annotations

from tests.torture.floor import Floor

TROUBLE_S = (0.2, 2.5)
"""Until somebody has seen to it."""
LABEL_BYTES = 1500
"""A label is about so long: a reset comes before, in or after one."""


def _somebodys(floor: Floor) -> str:
    return floor.chance.choice(sorted(floor.heads))


def off(floor: Floor) -> bool:
    """Switched off, and after a while on."""
    name = _somebodys(floor)
    if floor.servers[name].gone:
        return False
    floor.servers[name].switch_off()
    floor.later(floor.chance.uniform(*TROUBLE_S), lambda: floor.switch_on(name))
    return True


def paper_out(floor: Floor) -> bool:
    """The roll ends after the next label or two; somebody puts another in."""
    head = floor.heads[_somebodys(floor)]
    head.roll = floor.chance.randrange(3)
    floor.later(floor.chance.uniform(*TROUBLE_S), head.load)
    return True


def reset(floor: Floor) -> bool:
    """The power fails after so many bytes of a job."""
    floor.servers[_somebodys(floor)].cut_after = floor.chance.randrange(1, 2 * LABEL_BYTES)
    return True


def hang(floor: Floor) -> bool:
    """It keeps the line and takes nothing."""
    server = floor.servers[_somebodys(floor)]
    server.hangs = True

    def go_on() -> None:
        server.hangs = False

    floor.later(floor.chance.uniform(*TROUBLE_S), go_on)
    return True
