"""What the store keeps about picking: pick lists, their tasks, and claims on work."""

from __future__ import annotations

from typing import Protocol

from wms_terminal.domain.orders import Claim, PickList, PickStop


class PicksRoom(Protocol):
    """Pick lists, their tasks, and claims on work."""

    def create_list(self, order_id: int, latest_start: str, at: str) -> int:
        """A pick list for an order, which must not have a live one."""

    def add_task(
        self,
        list_id: int,
        line_id: int,
        product_id: int,
        lot: str,
        location_id: int,
        quantity: int,
        walk: int,
    ) -> None:
        """Add one stop to a walk."""

    def get_list(self, list_id: int) -> PickList:
        """A pick list."""

    def list_of(self, order_id: int) -> PickList | None:
        """The live pick list of an order."""

    def next_open(self, now: str) -> tuple[int, str, bool] | None:
        """The most urgent list that nobody works on: id, latest start, expedited."""

    def set_list_state(self, list_id: int, state: str) -> None:
        """Move a list on: open, picking, dropped or void."""

    def stop(self, list_id: int) -> PickStop | None:
        """The next stop of a walk, skipped ones last; None when there is nothing left to take."""

    def hand(self, task_id: int, change: int) -> None:
        """Take units into the hand, or put them back when `change` is negative."""

    def put(self, task_id: int, quantity: int) -> None:
        """Units go from the hand into a tote."""

    def unput(self, task_id: int, quantity: int) -> None:
        """The inverse of `put`."""

    def short(self, task_id: int, quantity: int, reason: str) -> None:
        """Give units of a stop up."""

    def substitute(self, task_id: int, lot: str) -> None:
        """Take another lot; StoreConflict once anything of the stop was taken."""

    def postpone(self, task_id: int) -> None:
        """Make a stop the walk's last one."""

    def open_units(self, list_id: int) -> int:
        """Units of a list that are neither in a tote nor given up."""

    def claim(
        self, kind: str, ref_id: int, operator_id: int, station_id: int, now: str, until: str
    ) -> Claim | None:
        """Claim work that is free, run out or one's own; else say whose it is."""

    def renew(self, kind: str, ref_id: int, now: str, until: str) -> None:
        """Prolong a lease; written once a minute at most, because every scan asks for it."""

    def take_over(
        self, kind: str, ref_id: int, operator_id: int, station_id: int, now: str, until: str
    ) -> None:
        """Claim work, whoever has it."""

    def release_claim(self, kind: str, ref_id: int) -> None:
        """Let work go."""

    def claim_of(self, kind: str, ref_id: int, now: str) -> Claim | None:
        """Who works on something, unless the lease has run out."""

    def claimed_by(self, kind: str, operator_id: int) -> int | None:
        """The oldest live work that was a person's last, even when the lease has run out."""
