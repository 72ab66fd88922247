"""What opens a kind of channel or carrier: a module here, or a package of somebody else's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Generic, TypeVar, cast

Factory = TypeVar("Factory", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Kinds(Generic[Factory]):
    """The kinds of one thing, and what opens each."""

    noun: str
    """What is opened, such as `channel`."""
    group: str
    """The entry point group where packages add theirs."""
    built_in: Mapping[str, str]
    """Those of the program, as `module:function`; an installation out of date knows them too."""

    def factory(self, kind: str, own: Mapping[str, Factory]) -> Factory:
        """What opens a kind; `own` are those that the caller puts together.

        Raises:
            ValueError: there is no such kind, or it cannot be loaded.
        """
        if kind in own:
            return own[kind]
        if kind in self.built_in:
            module, _, name = self.built_in[kind].partition(":")
            return cast(Factory, getattr(import_module(module), name))
        points = {point.value: point for point in entry_points(group=self.group, name=kind)}
        if len(points) > 1:
            raise ValueError(
                f"Expected one package for {self.noun}s of the kind {kind}, got "
                f"{', '.join(points)}. Uninstall all but one."
            )
        for point in points.values():
            return self._loaded(point)
        known = self.known(own)
        near = get_close_matches(kind, known, 1)
        hint = f" Did you mean {near[0]}?" if near else ""
        raise ValueError(
            f"Expected a kind of {self.noun} of {', '.join(known)}, got {kind!r}.{hint}"
        )

    def known(self, own: Mapping[str, Factory]) -> list[str]:
        """Every kind that can be opened."""
        others = (point.name for point in entry_points(group=self.group))
        return sorted({*own, *self.built_in, *others})

    def _loaded(self, point: EntryPoint) -> Factory:
        try:
            found = point.load()
            if not callable(found):
                raise TypeError(f"expected a function, got {type(found).__name__}")
        except Exception as error:
            raise ValueError(
                f"{self.noun.capitalize()}s of the kind {point.name} cannot be opened: "
                f"{point.value} fails with {type(error).__name__}: {error}. Ask whoever made it."
            ) from error
        return cast(Factory, found)
