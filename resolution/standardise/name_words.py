"""What is known of one word of a name in Latin letters, wherever it stands."""

from functools import cache

import polars as pl

from resolution.standardise.characters import bare_key, tidy
from resolution.standardise.junk import junk_lists
from resolution.standardise.latin_facts import (
    formal_name,
    latin,
    letters,
    proper_case,
    word_in_capitals,
)
from resolution.standardise.phonetic import phonetic_code
from resolution.standardise.pinyin import chinese, syllable_count, wade_giles_word

_FACTS: dict[str, type[pl.DataType]] = {
    "plain": pl.Boolean,
    "key": pl.String,
    "bare": pl.String,
    "count": pl.Int64,
    "weight": pl.Float64,
    "spelt": pl.Boolean,
    "strange": pl.Boolean,
    "raised": pl.Boolean,
    "initial": pl.Boolean,
    "lower": pl.Boolean,
    "upper": pl.Boolean,
    "shown": pl.String,
    "capital": pl.String,
    "formal": pl.String,
}
"""plain: neither title, suffix, particle nor placeholder. bare: for looking up placeholders.
count: of pinyin syllables, 0 if it is none. weight: of the Chinese surnames that sound so.
spelt: whether it can be Wade-Giles or pinyin; strange: and only Wade-Giles. raised: in capitals.
shown, capital: for display in a name of mixed case, and in one written all in one case."""


def look_at_words(words: pl.Series) -> pl.DataFrame:
    """The facts of each word; same height and order as `words`."""
    columns = zip(*map(_facts, words), strict=True)
    parts = columns if len(words) else [()] * len(_FACTS)
    return pl.DataFrame(
        [pl.Series(fact, part, _FACTS[fact]) for fact, part in zip(_FACTS, parts, strict=True)]
    )


def _facts(word: str) -> tuple[object, ...]:
    key, bare = letters(word), bare_key(word)
    spelt, strange = _wade_giles(word, key)
    lower, upper = word.islower(), word.isupper()
    return (
        _is_plain(word, key, bare),
        *(key, bare, syllable_count(key), chinese().readings.get(key, 0.0)),
        *(spelt, strange, upper and len(key) > 1, len(key) == 1, lower, upper),
        *(word if len(word) <= 2 else proper_case(word), word_in_capitals(word.lower())),
        formal_name(key),
    )


def _is_plain(word: str, key: str, bare: str) -> bool:
    """Whether `word` is a name wherever it stands."""
    return (
        key not in latin().set_apart
        and not {bare, word.lower()} & _junk()
        and tidy(word) == word
        and word.lower() != word.upper()
        and any("a" <= letter <= "z" for letter in key)
    )


@cache
def _junk() -> frozenset[str]:
    return junk_lists()["person_name"] | junk_lists()["name_part"]


def _wade_giles(word: str, key: str) -> tuple[bool, bool]:
    """Whether a word, whole or by its hyphens, can be Wade-Giles or pinyin; and only the first."""
    whole = wade_giles_word((key,))
    if "-" not in word:
        return whole is not None, bool(whole)
    split = wade_giles_word(tuple(letters(part) for part in word.split("-")))
    return whole is not None or split is not None, bool(whole or split)


def look_at_surnames(words: pl.Series) -> pl.DataFrame:
    """Columns phonetic and family_parts of each word as a surname that is not Chinese."""
    particles = latin().particles
    rows = []
    for word in words:
        parts = [part for part in map(letters, word.split("-")) if part and part not in particles]
        rows.append((phonetic_code(letters(word)), " ".join(parts) if len(parts) > 1 else None))
    schema = {"phonetic": pl.String, "family_parts": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")
