"""In which release a customer's rows came to it, and from whom."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from resolution.explain.entity import Arrival, EntityStory
from resolution.explain.published import Key


@dataclass(frozen=True)
class Arrived:
    """One source row that came to the customer."""

    row: Key
    release: str
    at: datetime
    came_from: str | None


def with_arrivals(
    story: EntityStory, arrived: Iterable[Arrived], names: Mapping[Key, Key]
) -> EntityStory:
    """The story with the arrivals of each record's rows, of each row the last one.

    `names`: source row -> its record, for the rows that the customer has now.
    """
    last = {each.row: each for each in arrived}
    counts: dict[Key, Counter[tuple[datetime, str, str]]] = {}
    for row, record in names.items():
        if row in last:
            each = last[row]
            counts.setdefault(record, Counter())[each.at, each.release, each.came_from or ""] += 1
    return replace(
        story,
        arrivals={
            record: tuple(
                Arrival(release, at, rows, came_from or None)
                for (at, release, came_from), rows in sorted(found.items())
            )
            for record, found in counts.items()
        },
    )


def arrival_lines(arrivals: Iterable[Arrival]) -> Iterator[str]:
    """When, in which release and from whom, an arrival each."""
    for each in arrivals:
        came = f" from {each.came_from}" if each.came_from else ""
        yield f"{each.at:%Y-%m-%d %H:%M} {each.release}{came}"


def arrival_json(arrival: Arrival) -> dict[str, Any]:
    """The arrival for programs."""
    return {
        "release": arrival.release,
        "at": f"{arrival.at:%Y-%m-%dT%H:%M:%SZ}",
        "rows": arrival.rows,
        "from": arrival.came_from,
    }
