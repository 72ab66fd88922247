"""Keys by their Linux code: what they type on a US keyboard, and with AltGr on others.

Sources: Linux input-event-codes.h (KEY_*); the X.Org symbol files (xkeyboard-config), level three.
"""

from __future__ import annotations

_ROWS = (
    (2, "1234567890-=", "!@#$%^&*()_+"),
    (16, "qwertyuiop[]", "QWERTYUIOP{}"),
    (30, "asdfghjkl;'`", 'ASDFGHJKL:"~'),
    (43, "\\zxcvbnm,./", "|ZXCVBNM<>?"),
)
"""First key code of each run of keys, what they type, and what they type with Shift."""

PLAIN = {first + n: c for first, row, _ in _ROWS for n, c in enumerate(row)}
SHIFTED = {first + n: c for first, _, row in _ROWS for n, c in enumerate(row)}

KEYPAD_DIGITS = {
    82: "0",
    79: "1",
    80: "2",
    81: "3",
    75: "4",
    76: "5",
    77: "6",
    71: "7",
    72: "8",
    73: "9",
}
ALWAYS = {
    28: "\r",  # Enter
    96: "\r",
    15: "\t",  # Tab
    57: " ",
    55: "*",  # keypad
    74: "-",
    78: "+",
    98: "/",
    **KEYPAD_DIGITS,
}
"""Keys that type the same on every keyboard, with Shift or without."""

EXTRA = 86
"""The key beside the left Shift, which US keyboards do not have: < and > on most others."""

_BRACKETS = {"7": "{", "8": "[", "9": "]", "0": "}"}
_NORTHERN = {"2": "@", "4": "$", **_BRACKETS}
ALTGR: dict[str, dict[str, str]] = {
    "de": {"q": "@", "-": "\\", "]": "~", "<": "|", **_BRACKETS},
    "fr": {
        "3": "#",
        "4": "{",
        "5": "[",
        "6": "|",
        "8": "\\",
        "9": "^",
        "0": "@",
        "-": "]",
        "=": "}",
    },
    "be": {"1": "|", "2": "@", "3": "#", "9": "{", "0": "}", "[": "[", "]": "]", "<": "\\"},
    "ch": {"2": "@", "3": "#", "7": "|", "[": "[", "]": "]", "'": "{", "\\": "}", "<": "\\"},
    "es": {"1": "|", "2": "@", "3": "#", "`": "\\", "[": "[", "]": "]", "'": "{", "\\": "}"},
    "it": {"[": "[", "]": "]", ";": "@", "'": "#"},
    "pt": {"2": "@", **_BRACKETS},
    "dk": {"<": "\\", "=": "|", **_NORTHERN},
    "no": _NORTHERN,
    "se": {"<": "|", "-": "\\", **_NORTHERN},
}
"""By layout: what a key, named as on a US keyboard, types with AltGr; the extra key is `<`."""
ALTGR["ch-fr"] = ALTGR["ch"]

SHIFT = frozenset({42, 54})
CTRL = frozenset({29, 97})
ALT = frozenset({56})
ALT_GR = frozenset({100})
SHORTCUT = frozenset({56, 125, 126})
"""Alt and the logo keys: with them a key types nothing."""
MODIFIERS = SHIFT | CTRL | ALT_GR | SHORTCUT
CAPS_LOCK, NUM_LOCK = 58, 69
