"""How texts of several words and numbers are compared: firms' names, titles, lists of authors."""

from collections.abc import Mapping
from typing import Any

from resolution.levels import ELSE, Level, LevelSet


def compare_words(name: str, on: str, settings: Mapping[str, Any]) -> LevelSet:
    """Texts word by word: in another order, with words left out, with a typing error.

    `settings`: `initials: true` leaves single letters out of the count, for lists of people's
    names (D. Abadi and Daniel Abadi share the word that tells them from others).
    """
    words, text = f"{on}_words", f"{on}_key"
    left, right = (_listed(f"{words}_{side}", bool(settings.get("initials"))) for side in "lr")
    shared = f"len(list_intersect({left}, {right}))"
    shorter = f"least(len({left}), len({right}))"
    typed = f"jaro_winkler_similarity({text}_l, {text}_r) >= 0.9195"
    return LevelSet(
        name=name,
        of=on,
        unknown=f"{words}_l IS NULL OR {words}_r IS NULL",
        levels=(
            Level(f"same {name}", f"{words}_l = {words}_r", 0.5, 1e-3, words),
            Level(
                f"every word of one {name} in the other",
                f"{shorter} >= 2 AND {shared} = {shorter}",
                0.15,
                1e-3,
            ),
            Level(f"{name} nearly the same", typed, 0.1, 1e-3),
            Level(f"most words of the {name} shared", _share(shared, shorter, 3, 5), 0.1, 2e-3),
            Level(
                f"the one word of one {name} in the other",
                f"{shorter} = 1 AND {shared} = 1",
                0.05,
                3e-3,
            ),
            Level(f"some words of the {name} shared", _share(shared, shorter, 1, 3), 0.05, 2e-2),
            Level(f"other {name}", ELSE, 0.05, 0.97, conflict=True),
        ),
    )


def _listed(column: str, without_initials: bool) -> str:
    words = f"string_split({column}, ' ')"
    return f"list_filter({words}, lambda word: length(word) > 1)" if without_initials else words


def _share(shared: str, shorter: str, part: int, whole: int) -> str:
    """Two words or more, and at least `part` of `whole` of the shorter text; no fractions, so
    that every engine puts a pair on the same side."""
    return f"{shared} >= 2 AND {shared} * {whole} >= {shorter} * {part}"


def compare_numbers(name: str, on: str, settings: Mapping[str, Any]) -> LevelSet:
    """Numbers: equal, close, or not. `settings`: `close`, the difference still taken for a slip
    or a rounding, as a share of the larger number (0.02 when not said; 0 for years)."""
    left, right = (f"CAST({on}_number_{side} AS DOUBLE)" for side in "lr")
    close = float(settings.get("close", 0.02))
    near = f"abs({left} - {right}) <= {close} * greatest(abs({left}), abs({right}))"
    one_apart = f"abs({left} - {right}) <= 1"
    return LevelSet(
        name=name,
        of=on,
        unknown=f"{on}_number_l IS NULL OR {on}_number_r IS NULL",
        levels=(
            Level(f"same {name}", f"{on}_number_l = {on}_number_r", 0.85, 0.05, f"{on}_number"),
            Level(f"{name} nearly the same", near if close else one_apart, 0.08, 0.05),
            Level(f"other {name}", ELSE, 0.07, 0.9, conflict=True),
        ),
    )
