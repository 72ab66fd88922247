"""A Step as plain data, for integrators: texts in one language, codes and names as they are."""

from __future__ import annotations

from collections.abc import Callable

from wms_terminal.domain.outcome import Message
from wms_terminal.domain.text import Text, Translate
from wms_terminal.services.step import Print, Step, View

Say = Callable[[Text | str], str]


def step_to_data(step: Step, translate: Translate, *, hints: bool = False) -> dict[str, object]:
    """The whole step; `hint` only when asked for."""

    def say(text: Text | str) -> str:
        return text.render(translate) if isinstance(text, Text) else text

    data: dict[str, object] = {
        "station": step.station,
        "operator": step.operator,
        "language": step.language,
        "flow": step.flow,
        "state": step.state,
        "prompt": say(step.prompt),
        "must_acknowledge": step.must_acknowledge,
        "keyed": say(step.keyed),
        "secret": step.secret,
        "notices": step.notices,
        "message": _message(step.message, say) if step.message else None,
        "view": _view(step.view, say),
        "keys": [
            {"key": f"F{item.number}", "code": item.code, "label": say(item.label)}
            for item in step.keys
        ],
        "effects": [
            {"print": list(effect.job_ids)}
            if isinstance(effect, Print)
            else {"weigh": effect.load.expected_g}
            for effect in step.effects
        ],
    }
    if hints:
        data["hint"] = step.hint
    return data


def _message(message: Message, say: Say) -> dict[str, object]:
    return {
        "outcome": message.outcome.value,
        "code": message.code,
        "text": say(message.text),
        "expected": say(message.expected),
        "got": say(message.got),
        "advice": say(message.advice),
    }


def _view(view: View, say: Say) -> dict[str, object]:
    goods = view.goods
    table = view.table
    return {
        "title": say(view.title),
        "place_label": say(view.place_label),
        "place": say(view.place),
        "goods_label": say(view.goods_label),
        "goods": None
        if goods is None
        else {
            "sku": goods.sku,
            "name": goods.name,
            "quantity": goods.quantity,
            "done": goods.done,
            "lot": goods.lot,
            "detail": say(goods.detail),
        },
        "into_label": say(view.into_label),
        "into": view.into,
        "facts": [[say(label), say(value)] for label, value in view.facts],
        "table": None
        if table is None
        else {
            "columns": [say(column) for column in table.columns],
            "rows": [[say(cell) for cell in row] for row in table.rows],
            "choices": list(table.choices),
        },
        "alarm": say(view.alarm),
        "progress": view.progress,
    }
