"""The catalogues are complete and true: no text of the floor stays behind in English."""

from __future__ import annotations

import io
from functools import cache
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from screens.bigtext import HEIGHT, big
from wms_terminal.domain.outcome import WORDS, Outcome
from wms_terminal.domain.text import T
from wms_terminal.texts import DOMAIN, LOCALE, translator

SOURCES = LOCALE.parents[1]
FOLDERS = ("wms_terminal", "screens", "devices", "data")
LANGUAGES = sorted(path.name for path in LOCALE.iterdir() if path.is_dir())
MAKE = "run make locale, then translate what is new"

every_language = pytest.mark.parametrize("language", LANGUAGES)


@cache
def sources() -> frozenset[str]:
    """Every text that the code marks with T."""
    return frozenset(
        text
        for folder in FOLDERS
        for _, _, text, _, _ in extract_from_dir(
            SOURCES / folder,
            method_map=[("**.py", "python")],
            keywords={**DEFAULT_KEYWORDS, "T": None},
        )
        if isinstance(text, str)
    )


def po_file(language: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / f"{DOMAIN}.po"


@cache
def catalog(language: str) -> Catalog:
    return read(po_file(language), language)


def read(path: Path, language: str | None = None) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=language, domain=DOMAIN, abort_invalid=True)


def texts(of: Catalog) -> dict[str, str]:
    return {str(message.id): str(message.string) for message in of if message.id}


def fields(template: str) -> list[tuple[str, str, str | None]]:
    """Name, format and conversion of each field, in a fixed order."""
    return sorted(
        (name, form or "", conversion)
        for _, name, form, conversion in Formatter().parse(template)
        if name is not None
    )


def filled(template: str) -> str:
    """A template with something in each field, the way `Text.render` puts it in."""
    values = {name: 7 if form.endswith("d") else "X7" for name, form, _ in fields(template)}
    return template.format_map(values)


def bare(template: str) -> str:
    """What a template says itself, without its fields."""
    return "".join(literal for literal, *_ in Formatter().parse(template))


def test_dutch_is_there():
    assert "nl" in LANGUAGES


def test_extraction_finds_texts_of_every_layer():
    some = {"SCAN THE LOCATION", "EXPECTED", "Wrong tote: it holds order {number}", "TOO MANY"}
    assert some <= sources()


def test_template_lists_what_the_code_says():
    listed = set(texts(read(LOCALE / f"{DOMAIN}.pot")))
    assert sources() - listed == set(), MAKE
    assert listed - sources() == set(), MAKE


@every_language
def test_catalogue_has_exactly_the_texts_of_the_code(language):
    translated = set(texts(catalog(language)))
    assert sources() - translated == set(), MAKE
    assert translated - sources() == set(), MAKE
    assert list(catalog(language).obsolete) == []


@every_language
def test_everything_is_translated_for_certain(language):
    said = texts(catalog(language))
    assert [source for source, text in said.items() if not text.strip()] == [], MAKE
    # The header is fuzzy by nature; it has no id.
    assert [message.id for message in catalog(language) if message.id and message.fuzzy] == []


@every_language
def test_translations_have_the_fields_of_their_source(language):
    wrong = {
        source: text
        for source, text in texts(catalog(language)).items()
        if fields(source) != fields(text)
    }
    assert wrong == {}


@every_language
def test_translations_format(language):
    for source, text in texts(catalog(language)).items():
        # A stray brace in a text without fields is shown as it is; nobody wants to read it.
        assert not {"{", "}"} & set(filled(text)), source


@every_language
def test_translations_keep_the_blanks_around_them(language):
    for source, text in texts(catalog(language)).items():
        assert text == text.strip(), source
        assert source.endswith((".", "?")) == text.endswith((".", "?")), source
        assert "\n" not in text, source


@every_language
def test_compiled_catalogue_is_the_written_one(language):
    compiled = io.BytesIO()
    write_mo(compiled, catalog(language))
    there = po_file(language).with_suffix(".mo").read_bytes()
    assert there == compiled.getvalue(), "run make locale"


@every_language
def test_files_tell_nothing_of_the_machine_that_made_them(language):
    for path in (LOCALE / f"{DOMAIN}.pot", po_file(language)):
        text = path.read_text("utf-8")
        assert str(SOURCES) not in text
        places = [line for line in text.splitlines() if line.startswith("#: ")]
        named = {place for line in places for place in line.removeprefix("#: ").split()}
        assert named
        assert {place for place in named if not place.startswith(FOLDERS)} == set()


@every_language
def test_prompts_stay_loud_and_short(language):
    for source, text in texts(catalog(language)).items():
        if bare(source).isupper():
            assert bare(text).isupper(), source
            assert len(text) <= 1.35 * len(source) + 6, f"{source!r}: {text!r}"


@every_language
def test_prompts_can_be_drawn_in_big_letters(language):
    for source, text in texts(catalog(language)).items():
        if bare(source).isupper() and big(filled(source), 10_000, HEIGHT):
            assert big(filled(text), 10_000, HEIGHT), text


@every_language
def test_outcomes_are_different_words(language):
    translate = translator(language)
    assert len({word.render(translate) for word in WORDS.values()}) == len(Outcome)


def test_translator_speaks_dutch():
    dutch = translator("nl")
    assert dutch("SCAN THE LOCATION") == "SCAN DE LOCATIE"
    assert T("SCAN TOTE {tote}", tote="T-0142").render(dutch) == "SCAN KRAT T-0142"
    wrong = T("Wrong tote: it holds order {number}", number="536847")
    assert wrong.render(dutch) == "Verkeerde krat: er zit order 536847 in"


@pytest.mark.parametrize("language", ["nl-BE", "nl_NL"])
def test_regions_speak_the_language_of_their_country(language):
    assert translator(language)("Wrong product") == "Verkeerd product"


@pytest.mark.parametrize(
    "language", ["", "en", "xx", "tlh", "../nl", "nl/../nl", "nl\x00", "Dutch"]
)
def test_unknown_languages_fall_back_to_english(language):
    assert translator(language)("SCAN THE LOCATION") == "SCAN THE LOCATION"


def test_unknown_texts_stay_english():
    assert translator("nl")("A text of tomorrow") == "A text of tomorrow"
