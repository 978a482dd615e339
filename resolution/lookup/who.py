"""Who is this? A record held against the records of a release."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from resolution.lookup.answers import Answer, Candidate, Pair, Status, verdict_on
from resolution.lookup.records import LookupRecords
from resolution.lookup.slots import hashed
from resolution.lookup.weighing import Weighed
from resolution.matching.settling import LARGEST_COMPARED_WHOLE, weight_of
from resolution.training.thresholds import thresholds_of

Written = Mapping[str, str | None]
"""Canonical attribute -> value as written."""


_FIRST: Sequence[Written] = (
    {
        "full_name": "Ann Example-Smith",
        "email": "ann@example.org",
        "phone": "+44 20 7946 0000",
        "date_of_birth": "1 March 1970",
        "address_line": "1 High Street",
        "city": "Leeds",
        "postcode": "LS1 1AA",
        "country": "GB",
    },
    {"full_name": "王小明", "phone": "13800000000", "address_line": "北京市朝阳区建国路1号"},
)
"""Nobody's values, in the two scripts that have tables of their own."""


@dataclass(frozen=True)
class _Asked:
    """A record in its slot."""

    row: int
    longest: int
    """Bytes of its longest text."""
    source: str | None
    near: np.ndarray
    """Places of the records that blocking brings it together with."""


class Lookup:
    """Answers by one release. Safe to use from any thread."""

    def __init__(self, records: LookupRecords) -> None:
        self._records = records
        thresholds = thresholds_of(records.model, records.trained.chosen)
        self._least, self._link = weight_of(thresholds.clerical), thresholds.link
        layout = records.slots.layout
        listed = {*layout.values, *layout.lists, *records.rarities.columns()}
        self.attributes = frozenset(records.reading.attributes())
        """Canonical attributes that are read."""
        self._hashed = sorted({*listed, *records.rule_keys.columns()})

    def __len__(self) -> int:
        return len(self._records)

    @property
    def sources(self) -> list[str]:
        """Sources that have records, in order."""
        return self._records.source_names

    def warm(self) -> None:
        """Load what the first question would wait for: compiled code, tables of the
        standardisers."""
        for written in _FIRST:
            self.who_is({x: value for x, value in written.items() if x in self.attributes})

    def who_is(self, written: Written, source: str | None = None, most: int = 5) -> Answer:
        """The customers that a record with these values may be of, `most` at most.

        `source`: the one that it would come from, where guards, countries and made-up names of
        that source shall hold.
        """
        with self._asked(written, source) as asked:
            places, weights = self._strong(asked)
            entities = self._records.owners.entities[places]
            order = np.argsort(-weights, kind="stable")
            likeliest = list(dict.fromkeys(entities[order].tolist()))[:most]
            found = [self._candidate(asked, x, places[entities == x]) for x in likeliest]
        candidates = tuple(sorted(found, key=lambda each: (-each.match_weight, each.entity_id)))
        return Answer(verdict_on(candidates), candidates)

    def pairs(self, written: Written, source: str | None = None) -> list[Pair]:
        """The records that a run would keep a pair with: candidates by the blocking rules, of at
        least the weight from which stewards are asked. In order of record_id."""
        with self._asked(written, source) as asked:
            places, _ = self._strong(asked)
            weighed = self._records.weighing.weighed(asked.row, places, asked.longest)
            found = [self._pair(asked, weighed, at, int(x)) for at, x in enumerate(places)]
        return sorted(found, key=lambda pair: pair.record_id)

    @contextmanager
    def _asked(self, written: Written, source: str | None) -> Iterator[_Asked]:
        records = self._records
        columns = records.reading.columns(written, source)
        hashes_of = hashed(columns, self._hashed)
        near = records.key_files.bearers(records.rule_keys.keys(hashes_of))
        if source in records.model.without_duplicates and source in records.source_names:
            near = near[records.sources[near] != records.source_names.index(source)]
        rarities = records.rarities.of(columns, hashes_of)
        with records.slots.written(columns, hashes_of, rarities) as (row, longest):
            yield _Asked(row, longest, source, near)

    def _strong(self, asked: _Asked) -> tuple[np.ndarray, np.ndarray]:
        weighing = self._records.weighing
        return weighing.strong(asked.row, asked.near, self._least, asked.longest)

    def _candidate(self, asked: _Asked, entity: int, met: np.ndarray) -> Candidate:
        """`met`: places of the customer's records that are strong enough."""
        records = self._records
        members = records.owners.members(entity)
        # a record that contradicts may be one that no rule brought near
        whole = len(members) <= LARGEST_COMPARED_WHOLE
        weighed = records.weighing.weighed(asked.row, members if whole else met, asked.longest)
        places = members if whole else met
        strong = weighed.totals.copy()
        strong[np.isin(places, met, invert=True)] = -np.inf
        best = int(strong.argmax())
        conflicts = (self._conflict(asked, weighed, at, int(x)) for at, x in enumerate(places))
        refused = next((reason for reason in conflicts if reason is not None), None)
        weight = float(weighed.totals[best])
        probability = float(1 / (1 + np.exp2(-weight)))
        status: Status = "link" if probability >= self._link else "clerical"
        return Candidate(
            entity_id=str(records.owners.entity_ids[entity]),
            match_weight=weight,
            match_probability=probability,
            status="refused" if refused else status,
            refused=refused,
            source=self._source(int(places[best])),
            records=len(members),
            why=records.weighing.reasons(weighed, best),
        )

    def _pair(self, asked: _Asked, weighed: Weighed, at: int, place: int) -> Pair:
        return Pair(
            int(self._records.numbers[place]),
            self._source(place),
            float(weighed.totals[at]),
            self._records.weighing.reasons(weighed, at),
            self._conflict(asked, weighed, at, place),
        )

    def _conflict(self, asked: _Asked, weighed: Weighed, at: int, place: int) -> str | None:
        bits = weighed.weights[at] + weighed.rarities[at]
        sources = (asked.source, self._source(place))
        total = float(weighed.totals[at])
        return self._records.guards.conflict(weighed.levels[at], bits, total, sources)

    def _source(self, place: int) -> str:
        return self._records.source_names[int(self._records.sources[place])]
