"""Text can be read in both looks: contrast as WCAG 2.2 asks for, 4.5 to 1."""

import re
from pathlib import Path
from typing import Final

import pytest

import serving.console

_CSS: Final = Path(serving.console.__file__).parent / "static/console.css"
_PAIR: Final = re.compile(r"--([a-z-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);")
GROUNDS: Final = ("page", "panel", "sunk")
WASHED: Final = ("for", "against", "ask", "info")


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("look", [0, 1], ids=["light", "dark"])
def test_text_stands_out_from_what_it_stands_on(look: int) -> None:
    found = _PAIR.findall(_CSS.read_text(encoding="utf-8"))
    colours = {name: pair[look] for name, *pair in found}
    pairs = [(ink, ground) for ink in ("ink", "soft", *WASHED) for ground in GROUNDS]
    pairs += [(ink, f"{ink}-wash") for ink in WASHED]
    pairs += [(ink, f"{ground}-wash") for ink in ("ink", "soft") for ground in WASHED]
    told = {pair: round(contrast(*(colours[x] for x in pair)), 2) for pair in pairs}
    assert not {pair: value for pair, value in told.items() if value < 4.5}
