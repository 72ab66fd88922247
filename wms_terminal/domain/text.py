"""Texts that operators read, kept untranslated until they reach a screen."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

Translate = Callable[[str], str]
"""A catalogue look-up: English template in, template in the operator's language out."""


@dataclass(frozen=True, slots=True)
class Text:
    """A translatable template with the values to put in it.

    Values may be Texts themselves. A value is data and never read as a template.
    """

    template: str
    """English text with `{name}` fields; also the key in the gettext catalogue."""
    values: Mapping[str, object] = field(default_factory=dict)
    """What to put in the fields, by name."""

    def render(self, translate: Translate) -> str:
        """The text in the language that `translate` speaks."""
        if not self.template:
            return ""
        template = translate(self.template)
        if not self.values:
            return template
        values = {
            name: value.render(translate) if isinstance(value, Text) else value
            for name, value in self.values.items()
        }
        return template.format_map(values)

    def __str__(self) -> str:
        return self.render(str)

    def __bool__(self) -> bool:
        return bool(self.template)

    def to_json(self) -> dict[str, object]:
        """Template and values, so that a journal row can be read in any language later."""
        values = {
            name: value.to_json() if isinstance(value, Text) else value
            for name, value in self.values.items()
        }
        return {"template": self.template, "values": values}

    @classmethod
    def from_json(cls, data: Mapping[str, object]) -> Text:
        """The inverse of `to_json`."""
        values = data.get("values")
        assert isinstance(values, Mapping)
        return cls(
            str(data["template"]),
            {
                name: cls.from_json(value) if isinstance(value, Mapping) else value
                for name, value in values.items()
            },
        )


def T(template: str, **values: object) -> Text:  # noqa: N802 - the extractor's keyword
    """Mark a text for translation: `T("{count} parcels", count=3)`."""
    return Text(template, values)


NO_TEXT = Text("")
"""Where a text is optional and absent."""


def stored(text: Text | str) -> str:
    """A text as one column keeps it: JSON, so that it can be said in any language later."""
    if isinstance(text, Text):
        return json.dumps(text.to_json(), ensure_ascii=False) if text else ""
    return text


def restored(kept: str) -> Text | str:
    """The inverse of `stored`; what was kept as plain words is plain words."""
    if not kept.startswith('{"template": '):
        return kept
    try:
        text = Text.from_json(json.loads(kept))
        str(text)
    except (ValueError, LookupError, AssertionError, AttributeError, TypeError):
        return kept
    return text
