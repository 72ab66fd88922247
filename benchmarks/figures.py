"""What was measured: ratios of medians, and how long the slowest scans take."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median, quantiles


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


@dataclass(frozen=True)
class Latency:
    """Milliseconds of every scan of all rounds, ours and bare Textual's, and what is aimed at."""

    name: str
    ours: tuple[float, ...]
    bare: tuple[float, ...]
    most_ms: float | None = None
    """The aim: 99 of 100 scans take no longer."""
    most_times: float | None = None
    """The aim: 95 of 100 scans take no longer than so many times what bare Textual takes."""

    @property
    def aim(self) -> str:
        if self.most_ms is not None:
            return f"p99 at most {self.most_ms:g} ms"
        return f"p95 at most {self.most_times:g} × bare"

    @property
    def is_met(self) -> bool:
        if self.most_ms is not None:
            return percentile(self.ours, 99) <= self.most_ms
        assert self.most_times is not None
        return self.ratio <= self.most_times

    @property
    def ratio(self) -> float:
        return percentile(self.ours, 95) / percentile(self.bare, 95)

    def line(self) -> str:
        return (
            f"{self.name}: p50/p95/p99 {three(self.ours)} ms, bare {three(self.bare)} ms, "
            f"{len(self.ours)} scans: p95 ratio {self.ratio:.2f}; "
            f"aim {self.aim}: {self._verdict}"
        )

    def row(self) -> str:
        return (
            f"| {self.name} | {three(self.ours)} ms | {three(self.bare)} ms | "
            f"{self.ratio:.2f} | {self.aim}: {self._verdict} |"
        )

    @property
    def _verdict(self) -> str:
        return "met" if self.is_met else "missed"


def percentile(values: tuple[float, ...], of_100: int) -> float:
    return quantiles(values, n=100, method="inclusive")[of_100 - 1]


def three(values: tuple[float, ...]) -> str:
    """p50, p95 and p99."""
    return " / ".join(f"{percentile(values, of_100):.1f}" for of_100 in (50, 95, 99))
