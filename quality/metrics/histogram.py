"""The match weights of a run as a small picture."""

import polars as pl

from core.errors import ProjectError

_COLOURS = {"link": "#2a7f62", "clerical": "#d9a441", "refused": "#b4483a"}
_WIDTH, _HEIGHT, _BARS = 480, 140, 40
_LEFT, _TOP, _FOOT = 8, 22, 18


def match_weight_histogram_svg(pairs: pl.DataFrame) -> str:
    """An inline SVG: pairs by match weight, stacked by status; one line of text without pairs.

    `pairs`: match_weight and status, one row a pair.
    """
    known = (
        pairs.select("match_weight", "status")
        .drop_nulls()
        .filter(pl.col("match_weight").is_finite())
    )
    if known.is_empty():
        return '<svg xmlns="http://www.w3.org/2000/svg" width="480" height="24">' + (
            _text(_LEFT, 16, "no pairs at or above clerical review") + "</svg>"
        )
    low, high = _range(known.get_column("match_weight"))
    counts = (
        known.with_columns(
            bar=((pl.col("match_weight") - low) / (high - low) * _BARS)
            .floor()
            .cast(pl.Int64)
            .clip(0, _BARS - 1)
        )
        .group_by("bar", "status")
        .agg(n=pl.len())
        .sort("bar", "status")
    )
    tallest = counts.group_by("bar").agg(pl.col("n").sum()).get_column("n").cast(pl.Int64).max()
    bars = _bars(counts, tallest if isinstance(tallest, int) else 1)
    axis = _HEIGHT - 4
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{_HEIGHT}" '
        f'role="img" aria-label="pairs by match weight">{_legend(known)}{bars}'
        f"{_text(_LEFT, axis, f'{low:g}')}"
        f"{_text(_WIDTH - _LEFT, axis, f'match weight {high:g}', 'end')}</svg>"
    )


def _range(weights: pl.Series) -> tuple[float, float]:
    """Whole numbers around the weights, never equal."""
    low, high = weights.min(), weights.max()
    if not isinstance(low, float) or not isinstance(high, float):
        raise ProjectError("match_weight must be a number; run the stage `scored_pairs` again")
    return float(low // 1), float(high // 1 + 1)


def _bars(counts: pl.DataFrame, tallest: int) -> str:
    step = (_WIDTH - 2 * _LEFT) / _BARS
    room, base = _HEIGHT - _TOP - _FOOT, _HEIGHT - _FOOT
    drawn, stacked = [], dict.fromkeys(range(_BARS), 0.0)
    for bar, status, n in counts.iter_rows():
        height = max(n / tallest * room, 1.0)
        stacked[bar] += height
        drawn.append(
            f'<rect x="{_LEFT + bar * step:.1f}" y="{base - stacked[bar]:.1f}" '
            f'width="{step - 1:.1f}" height="{height:.1f}" fill="{_COLOURS.get(status, "#777")}"/>'
        )
    return "".join(drawn)


def _legend(pairs: pl.DataFrame) -> str:
    told = []
    for place, status in enumerate(_COLOURS):
        x = _LEFT + place * 130
        count = pairs.filter(pl.col("status") == status).height
        told.append(f'<rect x="{x}" y="4" width="10" height="10" fill="{_COLOURS[status]}"/>')
        told.append(_text(x + 14, 13, f"{status} {count:,}"))
    return "".join(told)


def _text(x: float, y: float, text: str, anchor: str = "start") -> str:
    return (
        f'<text x="{x:g}" y="{y:g}" font-family="sans-serif" font-size="11" fill="#555" '
        f'text-anchor="{anchor}">{text}</text>'
    )
