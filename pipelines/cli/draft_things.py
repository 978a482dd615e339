"""Which column of a table of restaurants, articles or firms says what, from headings and values."""

from collections.abc import Sequence

import polars as pl

from pipelines.cli.column_look import Look, doubt, look_at
from pipelines.cli.found import UNKNOWN, Found
from pipelines.cli.headings import thing_concepts_of, vocabulary

LEAST_SHARE = 0.05
"""Share of rows with a value from which a comparison is worth its time."""
LEAST_NUMBERS = 0.8
NOT_CHECKED = ("name", "type")
"""What a thing is called and what kind it is of may be written in any way."""


def identity_of_things(rows: pl.DataFrame, passed_over: Sequence[str] = ()) -> Found:
    """The attributes of headings.yml's `things` that the columns of `rows` hold."""
    found = Found()
    for heading in rows.columns:
        if heading in passed_over:
            continue
        look = found.looks[heading] = look_at(rows[heading])
        concepts = thing_concepts_of(heading)
        why = {concept: _doubt(concept, look) for concept in concepts}
        concept = next((each for each in concepts if why[each] is None), None)
        if concept is None:
            found.left_out[heading] = next(iter(why.values()), None) or UNKNOWN
        elif concept == "address_line" and concept in found.identity:
            found.identity[concept].append(heading)
        elif concept in found.identity:
            found.left_out[heading] = f"{concept} is taken from {found.identity[concept][0]}"
        else:
            found.take(concept, [heading])
    return found


def _doubt(concept: str, look: Look) -> str | None:
    if look.share_filled < LEAST_SHARE:
        return "empty, or nearly, in the rows looked at"
    kind = vocabulary()["things"]["attributes"].get(concept, {}).get("kind")
    if kind == "number" and look.matching(r"^\D{0,3}\d[\d.,]*\D{0,3}$") < LEAST_NUMBERS:
        return "few of its values are numbers"
    return None if concept in NOT_CHECKED else doubt(concept, look)
