"""Where two texts differ, to the character; and how a Han name is read."""

from typing import Final, NamedTuple

import polars as pl
from rapidfuzz.distance import Levenshtein

from resolution.standardise.names import standardise_names

LONGEST: Final = 400
"""Characters up to which texts are held against each other; longer ones are shown unmarked."""


ALIKE: Final = 0.5
"""Share of alike characters below which two texts are just different, not one with slips."""


class Piece(NamedTuple):
    """A part of a text."""

    text: str
    differs: bool


def marked(left: str, right: str) -> tuple[list[Piece], list[Piece]]:
    """Both texts in pieces; what the other does not have at that place differs.

    Nothing is marked where one is empty, or where hardly anything is alike.
    """
    if not left or not right or max(len(left), len(right)) > LONGEST:
        return _whole(left), _whole(right)
    if Levenshtein.normalized_similarity(left, right) < ALIKE:
        return _whole(left), _whole(right)
    ours: list[Piece] = []
    theirs: list[Piece] = []
    for step in Levenshtein.opcodes(left, right):
        differs = step.tag != "equal"
        _add(ours, left[step.src_start : step.src_end], differs)
        _add(theirs, right[step.dest_start : step.dest_end], differs)
    return ours, theirs


def _add(pieces: list[Piece], text: str, differs: bool) -> None:
    if not text:
        return
    if pieces and pieces[-1].differs == differs:
        text = pieces.pop().text + text
    pieces.append(Piece(text, differs))


def _whole(text: str) -> list[Piece]:
    return [Piece(text, False)] if text else []


def pinyin(name: str | None) -> str | None:
    """The name in Latin letters, where it is written in Han; None for others."""
    if not name or not any("\u3400" <= letter <= "\u9fff" for letter in name):
        return None
    parts = pl.DataFrame({"full": [name], "given": [None], "family": [None]}, schema=_NAME)
    latin: str | None = standardise_names(parts).item(0, "latin")
    return latin


_NAME: Final = dict.fromkeys(("full", "given", "family"), pl.String)
