"""The store of decisions: what stewards said of two source rows, and what they took back."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import polars as pl
import sqlalchemy as sa

from core.errors import DecisionError
from core.project import Project
from resolution.decisions.binding import standing_words
from resolution.decisions.decision import Decision, RowKey, require_usable
from resolution.decisions.tables import DECISIONS, UNDOS, DecisionTables

SCHEMA: Final[dict[str, type[pl.DataType] | pl.DataType]] = {
    "id": pl.Int64,
    "at": pl.Datetime("us"),
    "who": pl.String,
    "verdict": pl.String,
    "source_l": pl.String,
    "key_l": pl.String,
    "source_r": pl.String,
    "key_r": pl.String,
    "note": pl.String,
    "batch": pl.String,
    "undone_at": pl.Datetime("us"),
    "undone_by": pl.String,
}
_ALL: Final = (
    sa.select(DECISIONS, UNDOS.c.at.label("undone_at"), UNDOS.c.who.label("undone_by"))
    .select_from(DECISIONS.outerjoin(UNDOS, UNDOS.c.decision_id == DECISIONS.c.id))
    .order_by(DECISIONS.c.id)
)


class DecisionStore:
    """The decisions of one project. Every call opens the database for as long as it takes.

    What a call has recorded is on the disk when it returns; several processes may write at once.
    Raises ProjectError where the database cannot be used.
    """

    def __init__(self, project: Project) -> None:
        self._tables = DecisionTables(project)

    def decide(self, decision: Decision) -> int:
        """Record one decision; its id. Raises DecisionError where it says nothing usable.

        Said again word for word while it stands it is the same decision, and its id comes back: a
        form that got no answer is sent again.
        """
        require_usable([decision])
        with self._tables.writing() as connection:
            standing = _repeated(connection, [decision])
            return int(standing[0]["id"] if standing else _insert(connection, [decision])[0])

    def decide_batch(self, decisions: Sequence[Decision]) -> str:
        """Record a batch, whole or not at all; its name. Raises DecisionError listing every one
        that says nothing usable.

        Said again word for word while all of it stands it is the same batch, and its name comes
        back.
        """
        require_usable(decisions)
        with self._tables.writing() as connection:
            standing = _repeated(connection, decisions)
            if not standing:
                _insert(connection, decisions)
            return str(standing[0]["batch"] if standing else decisions[0].batch)

    def decide_all(self, decisions: Sequence[Decision]) -> list[int]:
        """Record all of them or none; their ids, in the order given.

        Raises DecisionError listing every one that says nothing usable.
        """
        require_usable(decisions)
        if not decisions:
            return []
        with self._tables.writing() as connection:
            return _insert(connection, decisions)

    def undo(self, decision_id: int, who: str, note: str = "") -> None:
        """Take one decision back. Raises DecisionError where it is not there, or undone already."""
        with self._tables.writing() as connection:
            found = connection.execute(_ALL.where(DECISIONS.c.id == decision_id)).mappings().first()
            if found is None:
                raise _refusal(f"there is no decision {decision_id}; see: oneid review history")
            if found["undone_at"] is not None:
                at = f"{found['undone_at']:%Y-%m-%d %H:%M}"
                raise _refusal(f"{found['undone_by']} undid decision {decision_id} at {at} UTC")
            _take_back(connection, [decision_id], who, note)

    def undo_batch(self, batch: str, who: str, note: str = "") -> list[int]:
        """Take back what still stands of a batch; the ids. Raises DecisionError for none."""
        with self._tables.writing() as connection:
            query = _ALL.where(DECISIONS.c.batch == batch, UNDOS.c.id.is_(None))
            standing = [int(number) for number in connection.execute(query).scalars()]
            if not standing:
                raise _refusal(f"nothing stands of a batch {batch!r}; see: oneid review history")
            _take_back(connection, standing, who, note)
            return standing

    def all(self) -> pl.DataFrame:
        """Every decision ever recorded, in that order; the columns of SCHEMA, times in UTC."""
        with self._tables.reading() as connection:
            return _frame(connection.execute(_ALL).all() if connection else [])

    def fingerprint(self) -> str:
        """A text that changes with every decision and every undo, and with nothing else."""
        return hashlib.sha256(self.all().write_ndjson().encode()).hexdigest()


def as_rows(decisions: Sequence[Decision], first: int) -> pl.DataFrame:
    """The decisions as DecisionStore.all would give them, were they recorded now: numbered from
    `first`."""
    rows = [{"id": first + place} | _row(each, _now()) for place, each in enumerate(decisions)]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def as_if(
    known: pl.DataFrame, decisions: Sequence[Decision], undone: Sequence[int]
) -> pl.DataFrame:
    """`known` (as DecisionStore.all) as it would be with `decisions` recorded besides and those of
    the ids `undone` taken back. Nothing is recorded."""
    taken_back = pl.col("id").is_in(list(undone)) & pl.col("undone_at").is_null()
    marked = known.with_columns(
        undone_at=pl.when(taken_back).then(pl.lit(_now())).otherwise("undone_at")
    )
    first = int(known.get_column("id").max() or 0) + 1  # type: ignore[arg-type]
    return pl.concat([marked, as_rows(decisions, first)])


def _frame(rows: Sequence[sa.Row[Any]]) -> pl.DataFrame:
    return pl.DataFrame([tuple(row) for row in rows], schema=SCHEMA, orient="row")


def _insert(connection: sa.Connection, decisions: Sequence[Decision]) -> list[int]:
    now = _now()  # after the wait for its turn, so that times are in order of ids
    inserted = connection.execute(
        sa.insert(DECISIONS).returning(DECISIONS.c.id, sort_by_parameter_order=True),
        [_row(each, now) for each in decisions],
    )
    return [int(number) for number in inserted.scalars()]


def _repeated(
    connection: sa.Connection, decisions: Sequence[Decision]
) -> list[dict[str, Any]] | None:
    """The rows that stand for `decisions` already, in their order: the last words of the same
    stewards on the same pairs, the same word for word, and of one batch where these are. None
    where one of them is new."""
    deciders = {each.who.strip() for each in decisions}
    known = _frame(connection.execute(_ALL.where(DECISIONS.c.who.in_(deciders))).all())
    words = {_said(row): row for row in standing_words(known).iter_rows(named=True)}
    rows = [words.get(_said(_row(each, _now()))) for each in decisions]
    found = [row for row in rows if row is not None]
    batches = {row["batch"] for row in found}
    same = len(found) == len(rows) and len(batches) == 1
    return found if same and (None in batches) == (decisions[0].batch is None) else None


def _said(row: Mapping[str, Any]) -> tuple[Any, ...]:
    """What makes two rows say the same, whichever row is named first."""
    ends = sorted((row[f"source_{side}"], row[f"key_{side}"]) for side in "lr")
    return row["who"], row["verdict"], row["note"], *ends


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


def _row(decision: Decision, now: datetime) -> dict[str, Any]:
    at = decision.at or now
    left, right = RowKey(*decision.left), RowKey(*decision.right)
    return {
        "at": at.astimezone(UTC).replace(tzinfo=None) if at.tzinfo else at,
        "who": decision.who.strip(),
        "verdict": decision.verdict,
        "source_l": left.source,
        "key_l": left.key,
        "source_r": right.source,
        "key_r": right.key,
        "note": decision.note,
        "batch": decision.batch,
    }


def _take_back(connection: sa.Connection, ids: Iterable[int], who: str, note: str) -> None:
    if not who.strip():
        raise _refusal("nobody is named as taking it back; say who")
    now = _now()
    rows = [{"decision_id": number, "at": now, "who": who.strip(), "note": note} for number in ids]
    connection.execute(sa.insert(UNDOS), rows)


def _refusal(problem: str) -> DecisionError:
    return DecisionError("decisions", [problem], outcome="nothing was changed")
