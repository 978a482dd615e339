"""Personal names of any script, split and keyed, so that spellings of one name meet."""

import re
from dataclasses import replace
from functools import lru_cache

import polars as pl

from resolution.standardise.characters import (
    has_han,
    tidy,
    tidy_column,
    without_accents,
)
from resolution.standardise.han_names import han_name
from resolution.standardise.junk import is_junk
from resolution.standardise.latin_facts import latin, letters, proper_case
from resolution.standardise.latin_names import LatinName, split_columns, split_full
from resolution.standardise.name_rows import (
    EMPTY,
    NAME_COLUMNS,
    NOT_A_NAME,
    PLACEHOLDER,
    Row,
    name_row,
)
from resolution.standardise.other_names import other_name
from resolution.standardise.pinyin import (
    chinese,
)
from resolution.standardise.plain_han_names import read_plain_han_names
from resolution.standardise.plain_latin_names import read_plain_latin_names
from resolution.standardise.rows import FEW, answer_rest, answer_rows
from resolution.standardise.titled_words import Words, words_of


def standardise_names(values: pl.DataFrame) -> pl.DataFrame:
    """Names split, put in order and keyed; same height and order as `values`, all columns text.

    Takes columns full, given, family. Gives
    full, given, family (for display; Han as written, surname first), latin (display in Latin
    letters), script (han, latin, other), han (simplified, at least two characters), family_key,
    given_key, middle_key (lower-case ASCII letters; Han by pinyin without tones, other scripts
    romanised), full_key (both keys, whatever their order), formal (the
    given name a nickname stands for), phonetic (NYSIIS of surnames that are not Chinese), suffix
    (jr, sr, ii, iii, iv), family_parts (the words of a surname of several, separated by spaces),
    place (what a rank of nobility is of, its words separated by spaces) and reason (placeholder,
    not_a_name).
    """
    if values.height < FEW:
        return answer_rows(values, one_name, _SCHEMA)
    written = values.select(
        tidy_column(values.get_column(role)) for role in ("full", "given", "family")
    ).with_row_index("row")
    found = [read_plain_han_names(written), read_plain_latin_names(written)]
    empty = pl.DataFrame(schema={"row": pl.get_index_type(), **_SCHEMA})
    plain = written.select("row").join(
        pl.concat([empty, *found], how="diagonal"), on="row", how="left", maintain_order="left"
    )
    return answer_rest(plain.drop("row"), plain.get_column("script").is_null(), values, one_name)


_SCHEMA = dict.fromkeys(NAME_COLUMNS, pl.String)


def one_name(full: str | None, given: str | None, family: str | None) -> Row:
    """One name, all its columns."""
    written = (tidy(full), tidy(given), tidy(family))
    if not any(written):
        return EMPTY
    whole = "" if _junk_name(written[0]) else written[0]
    first, last = _real_parts(written[1], written[2])
    if not (whole or first or last):
        return PLACEHOLDER if any(any(map(str.isalpha, text)) for text in written) else NOT_A_NAME
    both = bool(first and last)
    together = f"{first}{last}" if both else whole or first or last
    if has_han(together):
        if _is_other(together):
            return other_name(together if not both else f"{first} {last}", first, last)
        return han_name(whole, first, last) or _latin_name(whole, first, last)
    if any("a" <= letter <= "z" for letter in without_accents(together).casefold()):
        return _latin_name(whole, first, last)
    return other_name(whole, first, last)


def _real_parts(first: str, last: str) -> tuple[str, str]:
    """Given and family name, without what is no name."""
    if (_junk_name(first) and _junk_name(last)) or is_junk("person_name", f"{first} {last}"):
        return "", ""
    first_gone = not any(map(str.isalpha, first)) or is_junk("name_part", first)
    last_gone = not any(map(str.isalpha, last)) or is_junk("name_part", last)
    return "" if first_gone else first, "" if last_gone else last


@lru_cache(maxsize=1 << 16)
def _junk_name(text: str) -> bool:
    return is_junk("person_name", text) or not any(map(str.isalpha, text))


_KANA_HANGUL = re.compile("[\u3040-\u30ff\uac00-\ud7af]")


def _is_other(text: str) -> bool:
    return _KANA_HANGUL.search(text) is not None


# ---- Latin script --------------------------------------------------------------------


def _latin_name(whole: str, first: str, last: str) -> Row:
    """A name in Latin letters, from whatever columns are filled."""
    read, name = _latin_split(whole, first, last)
    suffix = read.suffix
    given, middle, family = _display(name)
    parts = (given, middle, family) if name.in_order else (family, given, middle)
    shown = " ".join(part for part in parts if part)
    words = [letters(word) for word in re.split(r"[\s\-]+", name.family)]
    particles = latin().particles
    several = [word for word in words if word and word not in particles and not name.chinese]
    return name_row(
        full=f"{shown} {_SHOWN_SUFFIX[suffix]}" if suffix else shown,
        given=given,
        family=family,
        latin=shown,
        script="latin",
        han="",
        keys=(name.family_key, name.given_key, name.middle_key),
        suffix=suffix or "",
        family_parts=" ".join(several) if len(several) > 1 else "",
        place=" ".join(map(letters, read.place)),
        western=not name.chinese,
    )


_SHOWN_SUFFIX = {"jr": "Jr", "sr": "Sr", "ii": "II", "iii": "III", "iv": "IV"}


def _display(name: LatinName) -> tuple[str, str, str]:
    """Given, middle and family name with proper capitals where all was written in one case."""
    parts = (name.given, name.middle, name.family)
    whole = " ".join(part for part in parts if part)
    if not (whole.islower() or whole.isupper()):
        given, middle, family = (p if len(p) <= 2 else proper_case(p) for p in parts)
        return given, middle, family
    words = proper_case(whole).split(" ")
    first, second = len(name.given.split()), len(name.middle.split())
    return (
        " ".join(words[:first]),
        " ".join(words[first : first + second]),
        " ".join(words[first + second :]),
    )


def _latin_split(whole: str, first: str, last: str) -> tuple[Words, LatinName]:
    """The words that were read, and the name they make."""
    if first and last:
        return _split_parts(whole, first, last)
    words = words_of(whole or first or last)
    if not words.words:
        return words, LatinName("", "", "", "", "", "")
    if whole or _is_whole(words, column=first or last, given=bool(first)):
        return words, split_full(words)
    return words, split_columns(words.words, ()) if first else split_columns((), words.words)


def _split_parts(whole: str, first: str, last: str) -> tuple[Words, LatinName]:
    given, family = _without_lone_title(words_of(first)), words_of(last)
    fuller = _fuller(words_of(whole), given.words, family.words) if whole else None
    if fuller is not None:
        return fuller
    joined = replace(given, suffix=given.suffix or family.suffix, place=family.place)
    if given.words == family.words and len(given.words) > 1:
        return joined, split_full(given)
    return joined, split_columns(given.words, family.words)


def _without_lone_title(given: Words) -> Words:
    """The words of a given name that has a surname beside it: there, "Very" is a title."""
    titles = latin().titles - latin().also_given
    return given if any(letters(x) not in titles for x in given.words) else replace(given, words=())


def _fuller(
    whole: Words, given: tuple[str, ...], family: tuple[str, ...]
) -> tuple[Words, LatinName] | None:
    """The name as it is written in one piece where that says more than the two columns do.

    They may have been cut from it: "Sir" and "Baronet" of Sir Charles Hastings, Baronet.
    """
    keys = [letters(word) for word in whole.words]
    known = [letters(word) for word in (*given, *family)]
    places = [letters(word) for word in whole.place]
    if not set(known) <= {*keys, *places} or len(keys) <= len([x for x in known if x in keys]):
        return None
    surname = letters(family[0]) if family else ""
    if not whole.comma and surname in keys[1:]:
        at = keys.index(surname, 1)
        return whole, split_columns(whole.words[:at], whole.words[at:])
    return whole, split_full(whole)


def _is_whole(words: Words, column: str, given: bool) -> bool:
    """Whether a column that should hold one part holds the whole name."""
    known = latin().formal
    if words.comma:
        return True
    if len(words.words) < 2:
        return given and letters(column) in chinese().readings and len(letters(column)) > 2
    if given:
        return letters(words.words[-1]) not in known
    return letters(words.words[0]) in known
