"""How right the households of a sample's release are: `python -m benchmarks.households PROJECT`."""

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.report import say
from core.project import Project
from sources.sample.dice import Dice, effective_rates
from sources.sample.households import NEVER
from sources.sample.people import BLOCK, BlockPlan, draw_people
from warehouse.release import open_current


@dataclass(frozen=True)
class HouseholdFigures:
    """Pairs of customers: those of one published household, and those that truly are."""

    pairs: int
    """Pairs of entities in one household."""
    strangers: int
    """Of these, pairs of people who never lived together."""
    apart_by_now: int
    """Lived together once, and one has moved since."""
    one_customer: int
    """Two entities of one person: not merged where they should have been."""
    related: int
    """Pairs of people who share a home and a surname, or a phone: what could be found."""
    related_found: int
    known: int
    """Of the related, pairs whose golden records both have a home_key, or who share a phone."""
    known_found: int


def judge_households(project: Project) -> HouseholdFigures:
    """The current release of a sample's project against what the sample's people are.

    They are drawn again, from what sample.json says was asked for.
    """
    truth = str(project.root / "truth.parquet")
    with open_current(project) as con:
        con.register("people", _draw_sample_people(project.root))
        con.execute(_WHOSE, [truth])
        con.execute(_FOUND)
        con.execute(_RELATED)
        row = con.execute(_FIGURES).fetchall()[0]
    return HouseholdFigures(*row)


def _draw_sample_people(root: Path) -> pl.DataFrame:
    """One row a person: customer_id, house (who ever shared one), home, surname, phones."""
    asked = json.loads((root / "sample.json").read_text(encoding="utf-8"))["asked"]
    blocks = -(-asked["customers"] // BLOCK)
    rates = effective_rates(asked["noise"])
    frames = []
    for block in range(blocks):
        size = min(BLOCK, asked["customers"] - block * BLOCK)
        plan = BlockPlan(block, blocks, size, asked["chinese_share"])
        people = draw_people(Dice([asked["seed"], block, 0], rates), plan)
        home = np.where(people.moved_at < NEVER, people.home_later, people.home)
        frames.append(
            pl.DataFrame(
                {
                    "customer_id": people.number,
                    "house": people.households.number + plan.first,
                    "home": home + 2 * plan.first,
                    "surname": people.names.family.tolist(),
                    "phones": list(zip(*(each.tolist() for each in people.phone), strict=True)),
                }
            )
        )
    return pl.concat(frames)


_WHOSE = """
CREATE TEMP TABLE whose AS
SELECT x.entity_id, mode(w.customer_id) AS customer_id
FROM identity.crosswalk x
JOIN read_parquet(?) w USING (source, source_record_id)
GROUP BY x.entity_id
"""
_FOUND = """
CREATE TEMP TABLE found AS
SELECT l.customer_id AS one, r.customer_id AS other
FROM marts.households a
JOIN marts.households b ON a.household_id = b.household_id AND a.entity_id < b.entity_id
JOIN whose l ON l.entity_id = a.entity_id
JOIN whose r ON r.entity_id = b.entity_id
"""
_RELATED = """
CREATE TEMP TABLE related AS
WITH known AS (
    SELECT p.*, w.reachable
    FROM people p
    JOIN (SELECT customer_id, bool_or(home_key IS NOT NULL) AS reachable
          FROM whose JOIN golden.customers USING (entity_id) GROUP BY ALL) w USING (customer_id)
)
SELECT a.customer_id AS one, b.customer_id AS other,
       (a.reachable AND b.reachable) OR list_has_any(a.phones, b.phones) AS known
FROM known a
JOIN known b ON a.house = b.house AND a.customer_id < b.customer_id
WHERE (a.home = b.home AND a.surname = b.surname) OR list_has_any(a.phones, b.phones)
"""
_FIGURES = """
WITH judged AS (
    SELECT f.one = f.other AS same, a.house = b.house AS house, a.home = b.home AS home
    FROM found f
    JOIN people a ON a.customer_id = f.one
    JOIN people b ON b.customer_id = f.other
),
hit AS (SELECT DISTINCT least(one, other) AS one, greatest(one, other) AS other FROM found)
SELECT
    count(*), count(*) FILTER (NOT house), count(*) FILTER (house AND NOT home AND NOT same),
    count(*) FILTER (same),
    (SELECT count(*) FROM related),
    (SELECT count(*) FROM related SEMI JOIN hit USING (one, other)),
    (SELECT count(*) FROM related WHERE known),
    (SELECT count(*) FROM related SEMI JOIN hit USING (one, other) WHERE known)
FROM judged
"""


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the figures of one project."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("project", type=Path, help="the folder of a sample that was run")
    figures = judge_households(Project(parser.parse_args(arguments).project.resolve()))
    for each in fields(figures):
        say(f"{each.name:<14} {getattr(figures, each.name):>10,}")


if __name__ == "__main__":
    main()
