"""Pairs that a steward is looking at just now, so that two do not decide the same."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from serving.store.database import ServingDatabase, utc_now
from serving.store.tables import CLAIMS

LASTS: Final = timedelta(minutes=15)
"""A claim ends by itself so long after the pair was opened last."""


@dataclass(frozen=True)
class Claim:
    """Who holds a pair, and until when (UTC)."""

    pair: str
    holder: str
    until: datetime


class Claims:
    """The claims of one project. A pair is named by its two rows, the lesser first."""

    def __init__(self, database: ServingDatabase) -> None:
        self._database = database

    def take(self, pair: str, holder: str) -> Claim:
        """The claim on `pair`: the holder's own, made or prolonged, or that of who was first."""
        now = utc_now()
        with self._database.writing() as connection:
            found = connection.execute(sa.select(CLAIMS).where(CLAIMS.c.pair == pair)).first()
            if found and found.until > now and found.holder != holder:
                return _claim_of(found)
            row = {"pair": pair, "holder": holder, "until": now + LASTS}
            connection.execute(sa.delete(CLAIMS).where(CLAIMS.c.pair == pair))
            connection.execute(sa.insert(CLAIMS), row)
        return Claim(pair, holder, now + LASTS)

    def release(self, pair: str, holder: str) -> None:
        """End the holder's claim on `pair`, if there is one, and all that are over."""
        with self._database.writing() as connection:
            own = sa.and_(CLAIMS.c.pair == pair, CLAIMS.c.holder == holder)
            connection.execute(sa.delete(CLAIMS).where(sa.or_(own, CLAIMS.c.until <= utc_now())))

    def standing(self) -> Mapping[str, Claim]:
        """Every claim that has not ended, by pair."""
        query = sa.select(CLAIMS).where(CLAIMS.c.until > utc_now())
        with self._database.reading() as connection:
            return {row.pair: _claim_of(row) for row in connection.execute(query)}


def _claim_of(row: Any) -> Claim:
    return Claim(row.pair, row.holder, row.until)
