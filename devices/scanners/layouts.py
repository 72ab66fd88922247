"""What a keyboard layout makes of the keys that a scanner presses for a US keyboard.

Source: the X.Org symbol files (xkeyboard-config: us, de, fr, be, ch, gb, es, it, pt, dk, no, se),
levels one and two of the 47 keys that a US keyboard has.

A scanner that acts as a keyboard presses keys, and the computer decides which characters they are.
The right cure is the scanner's own setting for the country of the keyboard, or a serial line;
`layout=` in the scanner's address is for scanners that cannot be set. What a person types on the
same keyboard is right already and left alone: where codes begin with a mark, that is all that
comes outside of one, else what comes slower than a scanner types. With `prefix=aim` the mark is
whatever character the layout has on the key of `]`, which people then cannot key in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from unicodedata import normalize

from wms_terminal.domain.outcome import Message, Outcome
from wms_terminal.domain.scan import GS
from wms_terminal.domain.text import T, Text

_US = (
    r"""`1234567890-=qwertyuiop[]asdfghjkl;'\zxcvbnm,./"""
    r"""~!@#$%^&*()_+QWERTYUIOP{}ASDFGHJKL:"|ZXCVBNM<>?"""
)
"""The keys of a US keyboard row by row, left to right, and once more with Shift."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The characters of the same keys on another keyboard."""

    name: str
    """As in `layout=`."""
    country: Text
    """What its keyboard is called."""
    keys: str
    """What the keys of `_US` give, in the same order; a dead key by the accent that it adds."""
    dead: str = ""
    """Which of them are dead: they give nothing, and change or swallow the next character."""

    def of(self, char: str) -> str:
        """What comes of a character that the scanner meant."""
        place = _US.find(char)
        return self.keys[place] if place >= 0 else char

    @property
    def lost(self) -> frozenset[str]:
        """The characters that do not come through, whatever is done about them.

        The separator of GS1 codes is Ctrl and the key of the square bracket. Where that key is
        another one, terminals send its plain character, or nothing, or act on it.
        """
        dead = {char for char in _US if self.of(char) in self.dead}
        return frozenset(dead if self.of("]") == "]" else dead | {GS, "]"})


LAYOUTS = {
    layout.name: layout
    for layout in (
        Layout("us", T("American"), _US),
        Layout(
            "us-intl",
            T("US-International"),
            r"""`1234567890-=qwertyuiop[]asdfghjkl;´\zxcvbnm,./"""
            r"""~!@#$%^&*()_+QWERTYUIOP{}ASDFGHJKL:¨|ZXCVBNM<>?""",
            "`´~^¨",
        ),
        Layout(
            "gb",
            T("British"),
            r"""`1234567890-=qwertyuiop[]asdfghjkl;'#zxcvbnm,./"""
            r"""¬!"£$%^&*()_+QWERTYUIOP{}ASDFGHJKL:@~ZXCVBNM<>?""",
        ),
        Layout(
            "de",
            T("German"),
            r"""^1234567890ß´qwertzuiopü+asdfghjklöä#yxcvbnm,.-"""
            r"""°!"§$%&/()=?`QWERTZUIOPÜ*ASDFGHJKLÖÄ'YXCVBNM;:_""",
            "^´`",
        ),
        Layout(
            "fr",
            T("French"),
            r"""²&é"'(-è_çà)=azertyuiop^$qsdfghjklmù*wxcvbn,;:!"""
            r"""~1234567890°+AZERTYUIOP¨£QSDFGHJKLM%µWXCVBN?./§""",
            "^¨",
        ),
        Layout(
            "be",
            T("Belgian"),
            r"""²&é"'(§è!çà)-azertyuiop^$qsdfghjklmùµwxcvbn,;:="""
            r"""³1234567890°_AZERTYUIOP¨*QSDFGHJKLM%£WXCVBN?./+""",
            "^¨",
        ),
        Layout(
            "ch",
            T("Swiss German"),
            r"""§1234567890'^qwertzuiopü¨asdfghjklöä$yxcvbnm,.-"""
            r"""°+"*ç%&/()=?`QWERTZUIOPè!ASDFGHJKLéà£YXCVBNM;:_""",
            "^¨`",
        ),
        Layout(
            "ch-fr",
            T("Swiss French"),
            r"""§1234567890'^qwertzuiopè¨asdfghjkléà$yxcvbnm,.-"""
            r"""°+"*ç%&/()=?`QWERTZUIOPü!ASDFGHJKLöä£YXCVBNM;:_""",
            "^¨`",
        ),
        Layout(
            "es",
            T("Spanish"),
            r"""º1234567890'¡qwertyuiop`+asdfghjklñ´çzxcvbnm,.-"""
            r"""ª!"·$%&/()=?¿QWERTYUIOP^*ASDFGHJKLÑ¨ÇZXCVBNM;:_""",
            "`´^¨",
        ),
        Layout(
            "it",
            T("Italian"),
            r"""\1234567890'ìqwertyuiopè+asdfghjklòàùzxcvbnm,.-"""
            r"""|!"£$%&/()=?^QWERTYUIOPé*ASDFGHJKLç°§ZXCVBNM;:_""",
        ),
        Layout(
            "pt",
            T("Portuguese"),
            r"""\1234567890'«qwertyuiop+´asdfghjklçº~zxcvbnm,.-"""
            r"""|!"#$%&/()=?»QWERTYUIOP*`ASDFGHJKLÇª^ZXCVBNM;:_""",
            "´~`^",
        ),
        Layout(
            "dk",
            T("Danish"),
            r"""½1234567890+´qwertyuiopå¨asdfghjklæø'zxcvbnm,.-"""
            r"""§!"#¤%&/()=?`QWERTYUIOPÅ^ASDFGHJKLÆØ*ZXCVBNM;:_""",
            "´¨`^",
        ),
        Layout(
            "no",
            T("Norwegian"),
            r"""|1234567890+\qwertyuiopå¨asdfghjkløæ'zxcvbnm,.-"""
            r"""§!"#¤%&/()=?`QWERTYUIOPÅ^ASDFGHJKLØÆ*ZXCVBNM;:_""",
            "¨`^",
        ),
        Layout(
            "se",
            T("Swedish and Finnish"),
            r"""§1234567890+´qwertyuiopå¨asdfghjklöä'zxcvbnm,.-"""
            r"""½!"#¤%&/()=?`QWERTYUIOPÅ^ASDFGHJKLÖÄ*ZXCVBNM;:_""",
            "´¨`^",
        ),
    )
}
"""By name."""

_ACCENTS = {"`": "\u0300", "´": "\u0301", "^": "\u0302", "~": "\u0303", "¨": "\u0308"}
_DEAD = {accent: key for key, accent in _ACCENTS.items()}
_AIM = re.compile(r"\][A-Za-z][0-9A-Za-z]")

_IDENTIFIER = 4
"""The longest AIM identifier, itself garbled."""
_START = "KBDXT"
"""Letters that no layout moves."""

CALIBRATION = _START + 'AQWZYM0123456789-.:/()[]+_=%$"' + GS
"""One Code 128 with all that codes on the floor are made of and that some layout moves."""


def restore(text: str, layout: str) -> str | None:
    """What the scanner meant; None where that is not certain.

    An accented letter is taken apart into the dead key and the letter that it took in. A character
    that no key of the layout gives did not come from the scanner, and where the key of the square
    bracket is another one it may have been `]` or a GS: such codes are not guessed. What a dead
    key swallowed leaves no trace: `Layout.lost` says what not to print in codes.
    """
    found = LAYOUTS[layout]
    keys = dict(zip(found.keys, _US, strict=True))
    bracket = found.of("]")
    restored = ""
    for place, char in enumerate(text):
        meant = _meant(char, found, keys)
        if meant is None or (char == bracket != "]" and place):
            return None
        restored += meant
    if text[:1] == bracket != "]" and not _AIM.match(restored):
        return None
    return restored


def _meant(char: str, layout: Layout, keys: Mapping[str, str]) -> str | None:
    if char <= " ":
        return char
    if char in keys and char not in layout.dead:
        return keys[char]
    parts = normalize("NFD", char)
    letter, dead = parts[0], _DEAD.get(parts[1:], "")
    if not dead or dead not in layout.dead or letter not in keys:
        return None
    return keys[dead] + keys[letter]


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What the calibration code says about scanner and keyboard."""

    layout: str
    """The layout that the computer has, by its name in `LAYOUTS`; empty: none of those."""
    lost: str
    """The characters of the code that do not come through, whatever is done on this side."""
    caps: bool
    """Capital letters come as small ones: Caps Lock is on."""

    @property
    def right(self) -> bool:
        """Whether every code comes as it was printed."""
        return self.layout == "us" and not self.lost and not self.caps

    @property
    def option(self) -> str:
        """What to add to the scanner's `wedge:` address so that the other characters come right."""
        return "" if self.layout in {"", "us"} else f"layout={self.layout}"

    @property
    def message(self) -> Message:
        """The verdict, for the screen."""
        if self.right:
            return Message(Outcome.OK, "keyboard_right", T("This keyboard is right"))
        lost = " ".join("GS" if char == GS else char for char in self.lost)
        advice = T("Set the scanner to this keyboard")
        if self.caps:
            text, advice = T("Caps Lock is on"), T("Press Caps Lock and scan this code again")
        elif self.option:
            country = LAYOUTS[self.layout].country
            text = T("Keyboard is {country}", country=country)
            if lost:
                text = T("Keyboard is {country} and loses {lost}", country=country, lost=lost)
            address = f"wedge:?{self.option}"
            advice = T("Set the scanner to this keyboard, or use {address}", address=address)
        elif self.layout:
            text = T("The separator of GS1 codes does not come through")
            advice = T("Set the scanner to send control characters")
        else:
            text = T("The keyboard changes or loses {lost}", lost=lost)
        return Message(Outcome.UNKNOWN, "keyboard_wrong", text, advice=advice)


def diagnose(text: str) -> Diagnosis | None:
    """Whether a code is `CALIBRATION`, garbled or not, and what it says; None: it is another."""
    start = text.casefold().find(_START.casefold())
    if not 0 <= start <= _IDENTIFIER:
        return None
    body = text[start:]
    caps = body.startswith(_START.lower())
    for layout in LAYOUTS.values():
        if re.fullmatch("".join(_patterns(layout)), body, re.IGNORECASE):
            lost = layout.lost - {GS} if GS in body else layout.lost | {GS}
            return Diagnosis(layout.name, "".join(c for c in CALIBRATION if c in lost), caps)
    if not 0.8 < len(body) / len(CALIBRATION) < 1.2:
        return None
    here = body.upper() if caps else body
    return Diagnosis("", "".join(char for char in CALIBRATION if char not in here), caps)


def _patterns(layout: Layout) -> Iterator[str]:
    """What each character of the calibration code may come as.

    What a dead key does before a character that takes no accent differs: it comes as itself, or
    is dropped, with that character or without.
    """
    dead = ""
    for meant in CALIBRATION:
        char = layout.of(meant)
        before = f"(?:{re.escape(dead)})?"
        if meant == GS:
            yield f"{before}(?:{GS}|{re.escape(layout.of(']'))})?"
        elif char in layout.dead:
            yield before
            dead = char
        else:
            yield f"(?:{before}{re.escape(char)}|)" if dead else re.escape(char)
            dead = ""
