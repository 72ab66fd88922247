"""The process in which karrio runs: a line of JSON comes in, a line goes out.

Karrio is large, writes to the terminal while it is imported and when something fails, and waits
for ever for a carrier that does not answer. In a process of its own it can do none of that to a
screen, and can be ended. Started by `karrio.py`; the first line is how the carrier is reached.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from typing import Any


def serve(first: str) -> Callable[[str], dict[str, Any]]:
    """What answers each further line, with karrio imported and the carrier's gateway made."""
    import karrio.sdk as karrio  # type: ignore[import-not-found,unused-ignore]
    from karrio.core.utils import DP  # type: ignore[import-not-found,unused-ignore]

    setup = json.loads(first)
    gateway = karrio.gateway[setup["carrier"]].create(setup["settings"])
    calls = {
        "book": karrio.Shipment.create,
        "cancel": karrio.Shipment.cancel,
        "rate": karrio.Rating.fetch,
        "track": karrio.Tracking.fetch,
    }

    def answer(line: str) -> dict[str, Any]:
        asked = json.loads(line)
        found, messages = calls[asked["do"]](asked["payload"]).from_(gateway).parse()
        return {"found": _plain(found), "messages": _plain(messages)}

    def _plain(value: Any) -> Any:
        return [DP.to_dict(one) for one in value] if isinstance(value, list) else DP.to_dict(value)

    return answer


def main() -> None:
    """Serve until there are no more lines; nothing else is written where the answers go."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    answer: Callable[[str], dict[str, Any]] | None = None
    for line in sys.stdin:
        found: dict[str, Any]
        try:
            if answer is None:
                answer, found = serve(line), {"ready": True}
            else:
                found = answer(line)
        except Exception as error:  # noqa: BLE001 - whatever karrio raises is told, and no more
            found = {"fault": f"{type(error).__name__}: {error}"}
        answers.write(json.dumps(found, default=str) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
