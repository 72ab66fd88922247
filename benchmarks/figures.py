"""One measured ratio."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Figure:
    """Ours against bare, both measured in the same run."""

    name: str
    ours: tuple[float, ...]
    bare: tuple[float, ...]
    unit: str
    baseline: str

    @property
    def ratio(self) -> float:
        return median(self.ours) / median(self.bare)

    def line(self) -> str:
        return (
            f"{self.name}: {median(self.ours):.2f} {self.unit} against "
            f"{median(self.bare):.2f} {self.unit} ({self.baseline}): ratio {self.ratio:.2f}"
        )

    def row(self) -> str:
        return (
            f"| {self.name} | {median(self.ours):.2f} {self.unit} | "
            f"{median(self.bare):.2f} {self.unit} | {self.ratio:.2f} | {self.baseline} |"
        )
