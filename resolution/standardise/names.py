"""Personal names of any script, split and keyed, so that spellings of one name meet."""

import re
from functools import lru_cache

import polars as pl

from resolution.standardise.characters import (
    has_han,
    is_han,
    simplified,
    tidy,
    tidy_column,
    without_accents,
)
from resolution.standardise.junk import is_junk
from resolution.standardise.latin_names import (
    LatinName,
    Words,
    formal_name,
    latin,
    letters,
    proper_case,
    split_columns,
    split_full,
    words_of,
)
from resolution.standardise.phonetic import phonetic_code
from resolution.standardise.pinyin import (
    CERTAIN,
    FREQUENT,
    chinese,
    given_reading,
    is_given_like,
    is_surname,
    shown_reading,
    split_han,
    surname_reading,
)
from resolution.standardise.plain_han_names import read_plain_han_names
from resolution.standardise.plain_latin_names import read_plain_latin_names
from resolution.standardise.rows import FEW, answer_rest, answer_rows

NAME_COLUMNS = (
    "full", "given", "family", "latin", "script", "han", "family_key", "given_key", "middle_key",
    "full_key", "formal", "phonetic", "suffix", "family_parts", "reason",
)  # fmt: skip
Row = tuple[str | None, ...]
_EMPTY: Row = (None,) * len(NAME_COLUMNS)
_PLACEHOLDER: Row = (*_EMPTY[:-1], "placeholder")
_NOT_A_NAME: Row = (*_EMPTY[:-1], "not_a_name")


def standardise_names(values: pl.DataFrame) -> pl.DataFrame:
    """Names split, put in order and keyed; same height and order as `values`, all columns text.

    Takes columns full, given, family. Gives
    full, given, family (for display; Han as written, surname first), latin (display in Latin
    letters), script (han, latin, other), han (simplified, at least two characters), family_key,
    given_key, middle_key (lower-case ASCII letters; Han by pinyin without tones; a script that
    is neither keeps its own letters), full_key (both keys, whatever their order), formal (the
    given name a nickname stands for), phonetic (NYSIIS of surnames that are not Chinese), suffix
    (jr, sr, ii, iii, iv), family_parts (the words of a surname of several, separated by spaces)
    and reason (placeholder, not_a_name).
    """
    if values.height < FEW:
        return answer_rows(values, _name, _SCHEMA)
    written = values.select(
        tidy_column(values.get_column(role)) for role in ("full", "given", "family")
    ).with_row_index("row")
    found = [read_plain_han_names(written), read_plain_latin_names(written)]
    empty = pl.DataFrame(schema={"row": pl.get_index_type(), **_SCHEMA})
    plain = written.select("row").join(
        pl.concat([empty, *found], how="diagonal"), on="row", how="left", maintain_order="left"
    )
    return answer_rest(plain.drop("row"), plain.get_column("script").is_null(), values, _name)


_SCHEMA = dict.fromkeys(NAME_COLUMNS, pl.String)


def _name(full: str | None, given: str | None, family: str | None) -> Row:
    """One name, all its columns."""
    written = (tidy(full), tidy(given), tidy(family))
    if not any(written):
        return _EMPTY
    whole = "" if _junk_name(written[0]) else written[0]
    first, last = _real_parts(written[1], written[2])
    if not (whole or first or last):
        return _PLACEHOLDER if any(any(map(str.isalpha, text)) for text in written) else _NOT_A_NAME
    both = bool(first and last)
    together = f"{first}{last}" if both else whole or first or last
    if has_han(together):
        if _is_other(together):
            return _other_name(together if not both else f"{first} {last}", first, last)
        return _han_name(whole, first, last)
    if any("a" <= letter <= "z" for letter in without_accents(together).casefold()):
        return _latin_name(whole, first, last)
    return _other_name(whole or f"{first} {last}".strip(), first, last)


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


# ---- Han ----------------------------------------------------------------------------------------

_DOTS = re.compile("[·•・‧．.]")


def _han_name(whole: str, first: str, last: str) -> Row:
    """A name with Han characters in it; the Latin words of a mixed one are taken as given name."""
    family, given = _han_parts(whole, first, last)
    if not family and not given:
        return _latin_name(whole, first, last)
    family_simple, given_simple = simplified(family), simplified(given)
    mixed = not is_han(f"{family}{given}")
    family_key = surname_reading(family_simple) if family else ""
    given_key = letters(given) if mixed else given_reading(given_simple) if given else ""
    han = f"{family_simple}{given_simple}"
    spelt = shown_reading(family_key), shown_reading(given_key)
    return _row(
        full=f"{given} {family}".strip() if mixed else _dotted(whole) or f"{family}{given}",
        given=given,
        family=family,
        latin=f"{given} {shown_reading(family_key)}" if mixed else " ".join(filter(None, spelt)),
        script="latin" if mixed else "han",
        han=han if len(han) > 1 and not mixed else "",
        keys=(family_key, given_key, ""),
    )


def _dotted(whole: str) -> str:
    """A name of two parts set off by a dot, as written, which no surname opens; '' for others."""
    return whole if _DOTS.search(whole) and is_han(_DOTS.sub("", whole)) else ""


def _han_parts(whole: str, first: str, last: str) -> tuple[str, str]:
    """(surname, given name) as written, from whatever columns are filled."""
    if first and last:
        return _han_columns(_han_only(first), _han_only(last))
    if whole:
        return _han_whole(whole)
    if last:
        name = _han_only(last)
        return (name, "") if len(name) == 1 or is_surname(simplified(name)) else _han_whole(last)
    return _han_given(first)


@lru_cache(maxsize=1 << 16)
def _han_only(text: str) -> str:
    """The Han characters of a field without marks and titles; its Latin words if it has none."""
    if not has_han(text):
        return text
    bare = text if is_han(text) else "".join(letter for letter in text if is_han(letter))
    title = chinese().title.search(bare, 1)
    return bare[: title.start()] if title else bare


def _han_columns(first: str, last: str) -> tuple[str, str]:
    """The columns as stated, unless only the other way round makes a name or one repeats."""
    simple_first, simple_last = simplified(first), simplified(last)
    if first == last:
        return _han_whole(first)
    if (
        len(last) > 1
        and simple_last.endswith(simple_first)
        and is_surname(simple_last[: -len(first)])
    ):
        return last[: -len(first)], first
    if is_surname(simple_last):
        longer = len(first) > len(last) and simple_first.startswith(simple_last) and len(first) > 2
        return last, first[len(last) :] if longer or _repeats(first, last) else first
    if is_surname(simple_first) and is_given_like(simple_last):
        return first, last
    if (
        len(first) > 1
        and simple_first.endswith(simple_last)
        and is_surname(simple_first[: -len(last)])
    ):
        return first[: -len(last)], last
    return last, first


def _repeats(first: str, last: str) -> bool:
    """Whether a given name starts with its surname: 张伟 beside 张, but not 高高 beside 高."""
    return len(first) == 2 and first[0] == last and first[0] != first[1]


def _han_whole(text: str) -> tuple[str, str]:
    """(surname, given name) of a name in one piece, spaced or not, 张 David included."""
    pieces = [_han_only(piece) for piece in text.split() if has_han(piece)]
    foreign = [piece for piece in text.split() if not has_han(piece) and letters(piece)]
    name = _han_only("".join(pieces))
    if foreign and len(name) == 1 and is_surname(simplified(name)):
        return name, proper_case(" ".join(foreign))
    dotted = [part for part in _DOTS.split(text) if part]
    if len(dotted) == 2 and all(map(is_han, dotted)):
        return dotted[1], dotted[0]
    if len(pieces) == 2 and "".join(pieces) == name:
        return _han_columns(pieces[1], pieces[0])
    family, _ = split_han(simplified(name))
    if family and name and simplified(name[: len(family)]) != family:
        return name[-len(family) :], name[: -len(family)]
    return name[: len(family)], name[len(family) :]


def _han_given(first: str) -> tuple[str, str]:
    """A given-name column alone: the whole name when it can hardly be a given name only."""
    name = _han_only(first)
    simple = simplified(name)
    leading = chinese().surnames.get(simple[:1], 0.0)
    if len(name) > 2 or " " in first or (len(name) == 2 and leading > CERTAIN):
        return _han_whole(first)
    if is_surname(simple) and (len(name) > 1 or leading > FREQUENT):
        return name, ""
    return "", name


# ---- Latin and other scripts --------------------------------------------------------------------


def _latin_name(whole: str, first: str, last: str) -> Row:
    """A name in Latin letters, from whatever columns are filled."""
    suffix, name = _latin_split(whole, first, last)
    given, middle, family = _display(name)
    parts = (given, middle, family) if name.in_order else (family, given, middle)
    shown = " ".join(part for part in parts if part)
    words = [letters(word) for word in re.split(r"[\s\-]+", name.family)]
    particles = latin().particles
    several = [word for word in words if word and word not in particles and not name.chinese]
    return _row(
        full=f"{shown} {_SHOWN_SUFFIX[suffix]}" if suffix else shown,
        given=given,
        family=family,
        latin=shown,
        script="latin",
        han="",
        keys=(name.family_key, name.given_key, name.middle_key),
        suffix=suffix or "",
        family_parts=" ".join(several) if len(several) > 1 else "",
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


def _latin_split(whole: str, first: str, last: str) -> tuple[str | None, LatinName]:
    if first and last:
        given, family = words_of(first), words_of(last)
        suffix = given.suffix or family.suffix
        if given.words == family.words and len(given.words) > 1:
            return suffix, split_full(given)
        return suffix, split_columns(given.words, family.words)
    words = words_of(whole or first or last)
    if not words.words:
        return words.suffix, LatinName("", "", "", "", "", "")
    if whole or _is_whole(words, column=first or last, given=bool(first)):
        return words.suffix, split_full(words)
    if first:
        return words.suffix, split_columns(words.words, ())
    return words.suffix, split_columns((), words.words)


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


def _other_name(text: str, first: str, last: str) -> Row:
    """A name in another script: keys keep its letters."""
    pieces = text.split()
    if first and last:
        given, family = first, last
    elif len(pieces) > 1:
        given, family = pieces[0], pieces[-1]
    else:
        given, family = text, ""
    keys = (letters(family), letters(given), "")
    return _row(text, given, family, latin="", script="other", han="", keys=keys)


def _row(  # noqa: PLR0913 - one argument a column of the answer
    full: str,
    given: str,
    family: str,
    *,
    latin: str,
    script: str,
    han: str,
    keys: tuple[str, str, str],
    suffix: str = "",
    family_parts: str = "",
    western: bool = False,
) -> Row:
    """The columns of one name, '' as null."""
    family_key, given_key, middle_key = keys
    if not family_key and not given_key:
        return _NOT_A_NAME
    full_key = " ".join(sorted((family_key, given_key))) if family_key and given_key else None
    return (
        full or None,
        given or None,
        family or None,
        latin or None,
        script,
        han or None,
        family_key or None,
        given_key or None,
        middle_key or None,
        full_key,
        (formal_name(given_key) if western else given_key) or None,
        phonetic_code(family_key) if family_key and western else None,
        suffix or None,
        family_parts or None,
        None,
    )
