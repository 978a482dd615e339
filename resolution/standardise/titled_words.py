"""The words of a name in Latin letters, apart from its titles, ranks and suffixes."""

import re
from dataclasses import dataclass
from functools import lru_cache

from resolution.standardise.latin_facts import latin, letters


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one field: nicknames, titles and suffixes set aside."""

    words: tuple[str, ...]
    comma: int | None
    """How many words stand before the comma that ends a leading surname, if one does."""
    suffix: str | None = None
    place: tuple[str, ...] = ()
    """Where a rank of nobility is of: Devonshire of William Cavendish, 3rd Duke of Devonshire."""


_ASIDE = re.compile(r"\([^)]*\)|\"[^\"]*\"|“[^”]*”|(?<=\s)'[^']+'(?=\s)|\[[^\]]*\]")
_ORDINAL = re.compile(r"\d+[a-z]{0,2}\.?\Z", re.IGNORECASE)
_RUN_TOGETHER = re.compile(r"\b(\w)\.(?=\w)")
_NOT_NAME = re.compile(r"[^\w'\-.]|_")


@lru_cache(maxsize=1 << 15)
def words_of(text: str) -> Words:
    """The words of a name field in Latin letters; none where it holds titles only."""
    plain = _ASIDE.sub(" ", text)
    plain = plain if any(map(str.isalpha, plain)) else text
    groups = [words for group in plain.split(",") if (words := _spaced(group))]
    suffix: str | None = None
    kept: list[list[str]] = []
    ranked: list[str] = []
    for group in groups:
        words, found, place = _sorted_out(group, before=sum(map(len, kept)))
        suffix = suffix or found
        kept += [words] if words else []
        ranked += place
    if sum(map(len, kept)) < 2 and not all(_is_name(word) for words in kept for word in words):
        kept = []
    if not kept:
        return Words(_last_resort(groups), None, suffix)
    comma = len(kept[0]) if len(kept) > 1 else None
    names = tuple(word for words in kept for word in words)
    if len(names) == 1 and len(groups) == 1 and ranked:
        # Alexander 1st Baron Strathclyde: the place does for the surname that is not told
        return Words((*names, *ranked), None, suffix)
    return Words(names, comma, suffix, tuple(ranked))


def _sorted_out(group: list[str], before: int) -> tuple[list[str], str | None, list[str]]:
    """The name's words among those between two commas, its generation, and a rank's place.

    `before`: how many words of the name stand before the comma.
    """
    facts, follows = latin(), before > 0
    if before < 2 or _key(group[0]) not in facts.nobility:
        group = _without_titles(group, follows)
    words: list[str] = []
    suffix: str | None = None
    for at, word in enumerate(group):
        key, after = _key(word), group[at + 1 :]
        if facts.suffixes.get(key) and (words or follows) and not after:
            suffix = facts.suffixes[key]
        elif _opens_rank(key, after, tail=bool(words), follows=follows):
            place = [each for each in after if not _is_of_rank(_key(each))]
            if words or follows:
                return words, suffix, [each for each in place if letters(each)]
            words += _without_titles(place, follows)
            break
        elif key in facts.suffixes and (words or follows):
            suffix = facts.suffixes[key]
        elif key not in facts.joining and not ((words or follows) and key in facts.credentials):
            words.append(word)
    return [word for word in words if letters(word)], suffix, []


def _key(word: str) -> str:
    return word.lower().rstrip(".,") if word[0].isdigit() else letters(word)


def _opens_rank(key: str, after: list[str], tail: bool, follows: bool) -> bool:
    """Whether a rank begins here: "3rd Baronet", "Earl of Norfolk", ", Lord Napier"."""
    facts = latin()
    if _ORDINAL.match(key):
        return True
    if key not in facts.nobility:
        return False
    of = bool(after) and letters(after[0]) == "of"
    return of or (follows and not tail) or (tail and key not in facts.also_names)


def _is_of_rank(key: str) -> bool:
    facts = latin()
    known = facts.nobility | facts.joining | facts.credentials
    return key == "the" or key in known or _ORDINAL.match(key) is not None


def _without_titles(group: list[str], follows: bool) -> list[str]:
    """The words behind leading titles; a title that is a name too stays where it has to be one."""
    facts = latin()
    for at, word in enumerate(group):
        key, left = letters(word), len(group) - at - 1
        needed = (left == 1 and key in facts.also_given) or (
            left == 0 and follows and key in facts.also_names
        )
        if needed or key not in facts.titles:
            return group[at:]
    return []


def _is_name(word: str) -> bool:
    """Whether a word that stands alone can be a name: King can, Baronet cannot."""
    facts, key = latin(), letters(word)
    known = facts.titles | facts.nobility | facts.credentials | facts.joining
    return bool(key) and not _ORDINAL.match(word) and key not in known - facts.also_names


def _last_resort(groups: list[list[str]]) -> tuple[str, ...]:
    """The words where only titles and ranks were found: those that may be a name after all."""
    return tuple(word for group in groups for word in group if _is_name(word))


def _spaced(group: str) -> list[str]:
    """Words, with initials that were run together ("J.R.") set apart."""
    apart = _RUN_TOGETHER.sub(r"\1. ", group) if "." in group else group
    return _NOT_NAME.sub(" ", apart).split()
