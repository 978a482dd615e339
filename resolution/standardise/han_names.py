"""Names with Han characters: surname and given name, however they were written, and readings."""

import re
from functools import lru_cache

from resolution.standardise.characters import has_han, is_han, simplified
from resolution.standardise.latin_facts import letters, proper_case
from resolution.standardise.name_rows import Row, name_row
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

_DOTS = re.compile("[·•・‧．.]")


def han_name(whole: str, first: str, last: str) -> Row | None:
    """A name with Han characters in it; the Latin words of a mixed one are taken as given name.

    Null when no name is left without titles and marks.
    """
    family, given = _han_parts(whole, first, last)
    if not family and not given:
        return None
    family_simple, given_simple = simplified(family), simplified(given)
    mixed = not is_han(f"{family}{given}")
    family_key = surname_reading(family_simple) if family else ""
    given_key = letters(given) if mixed else given_reading(given_simple) if given else ""
    han = f"{family_simple}{given_simple}"
    spelt = shown_reading(family_key), shown_reading(given_key)
    return name_row(
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
