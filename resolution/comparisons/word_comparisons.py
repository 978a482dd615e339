"""How texts of several words and numbers are compared: firms' names, titles, lists of authors."""

from collections.abc import Mapping
from typing import Any

from resolution.comparisons.conditions import Near, Otherwise, Overlap, alike, missing, same
from resolution.comparisons.levels import Level, LevelSet


def compare_words(name: str, on: str, settings: Mapping[str, Any]) -> LevelSet:
    """Texts word by word: in another order, with words left out, with a typing error.

    `settings`: `initials: true` leaves single letters out of the count, for lists of people's
    names (D. Abadi and Daniel Abadi share the word that tells them from others).
    """
    words = f"{on}_words"
    listed = f"{on}_long_words" if settings.get("initials") else f"{on}_all_words"
    return LevelSet(
        name=name,
        of=on,
        unknown=missing(words),
        levels=(
            Level(f"same {name}", same(words), 0.5, 1e-3, words),
            Level(f"every word of one {name} in the other", Overlap(listed, 2), 0.15, 1e-3),
            Level(f"{name} nearly the same", alike(f"{on}_key", 0.9195), 0.1, 1e-3),
            Level(f"most words of the {name} shared", Overlap(listed, 2, 3, 5), 0.1, 2e-3),
            Level(f"the one word of one {name} in the other", Overlap(listed, 1), 0.05, 3e-3),
            Level(f"some words of the {name} shared", Overlap(listed, 2, 1, 3), 0.05, 2e-2),
            Level(f"other {name}", Otherwise(), 0.05, 0.97, conflict=True),
        ),
    )


def compare_numbers(name: str, on: str, settings: Mapping[str, Any]) -> LevelSet:
    """Numbers: equal, close, or not. `settings`: `close`, the difference still taken for a slip
    or a rounding, as a share of the larger number (0.02 when not said; 0 for years)."""
    number = f"{on}_number"
    close = float(settings.get("close", 0.02))
    near = Near(number, share=close) if close else Near(number, within=1)
    return LevelSet(
        name=name,
        of=on,
        unknown=missing(number),
        levels=(
            Level(f"same {name}", same(number), 0.85, 0.05, number),
            Level(f"{name} nearly the same", near, 0.08, 0.05),
            Level(f"other {name}", Otherwise(), 0.07, 0.9, conflict=True),
        ),
    )
