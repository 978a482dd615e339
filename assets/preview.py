"""What decisions would change, before they are made: the next run's own stages, in a folder aside.

Nothing is published, nothing outside that folder is written, and it is removed again.
"""

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import polars as pl

from assets.base import find_base
from assets.entities import assign_lasting_ids
from assets.golden import build_candidate
from assets.make_records import make_records
from assets.marts import make_marts
from assets.run_sheet import new_run_sheet
from assets.trained_model import match_project
from core.errors import ProjectError
from core.project import Project
from core.sql import NO_PROGRESS_BAR, literal

if TYPE_CHECKING:
    from resolution.decisions.decision import Decision

COUNTED = (
    ("orders", "facts.transactions"),
    ("feedback", "facts.feedback"),
    ("visits", "facts.web_events"),
    ("social interactions", "facts.social_interactions"),
)
"""What moves with a customer: how it is called, where its rows are."""


@dataclass(frozen=True)
class Preview:
    """How the release would differ."""

    entities: pl.DataFrame
    """Grain: entity that is touched. entity_id, rows_before, rows_after (of identity.crosswalk;
    null where the entity is not there), redirect (the id it would redirect to)."""
    rows: pl.DataFrame
    """Grain: source row whose entity is another. source, source_record_id, before, after."""
    values: pl.DataFrame
    """Grain: golden value that is another. entity_id, attribute, old_value, new_value."""
    moved: pl.DataFrame
    """Grain: what and entity. what (orders, feedback, …), entity_id, before, after: how many."""
    segments: pl.DataFrame
    """Grain: entity whose segment or value would be another. entity_id, figure, before, after."""

    @property
    def changes_nothing(self) -> bool:
        """Whether every row would stay where it is."""
        return not len(self.rows)


@dataclass(frozen=True)
class _Aside(Project):
    """The project, with a work folder of its own."""

    aside: Path = field(default_factory=Path)

    @property
    def work(self) -> Path:
        """A folder that nobody else looks into."""
        return self.aside


def preview_decisions(
    project: Project, decisions: Sequence["Decision"], undone: Sequence[int] = ()
) -> Preview:
    """What a run would change if these decisions were made, and those of the ids `undone` taken
    back: with all that is pending besides.

    Raises ProjectError before a release, and where the next run would work everything out anew:
    then it has no few changes to show.
    """
    base, why = find_base(project, full=False)
    if base is None:
        raise ProjectError(
            f"{project.root}: there is no preview, as the next run will be a full one ({why}); "
            "run first: oneid run"
        )
    with _work_aside(project) as aside:
        at = datetime.now(UTC)
        new_run_sheet("preview", at, "preview", full=False, base=base.release).write(aside)
        make_records(aside, _bound_with(project, decisions, undone))
        match_project(aside, retrain=False)
        assign_lasting_ids(aside)
        build_candidate(aside)
        make_marts(aside)
        return _compared(base.file, aside.candidate)


@contextmanager
def _work_aside(project: Project) -> Iterator[_Aside]:
    folder = project.var / "preview"
    folder.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(dir=folder))
    try:
        yield _Aside(project.root, aside)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _bound_with(
    project: Project, decisions: Sequence["Decision"], undone: Sequence[int]
) -> pl.DataFrame:
    """What would bind. Raises DecisionError where a decision says nothing usable."""
    from resolution.decisions.binding import binding_decisions
    from resolution.decisions.decision import require_usable
    from resolution.decisions.store import DecisionStore, as_rows

    require_usable(decisions)
    known = DecisionStore(project).all()
    left = known.filter(~pl.col("id").is_in(list(undone)))
    first = int(known.get_column("id").max() or 0) + 1  # type: ignore[arg-type]
    return binding_decisions(pl.concat([left, as_rows(decisions, first)])).applied


def _compared(before: Path, after: Path) -> Preview:
    con = duckdb.connect()
    try:
        con.execute(NO_PROGRESS_BAR)
        for name, file in (("old", before), ("new", after)):
            con.execute(f"ATTACH {literal(str(file))} AS {name} (READ_ONLY)")
        con.execute(_ROWS)
        con.execute(
            "CREATE TABLE named AS SELECT before AS entity_id FROM turned "
            "WHERE before IS NOT NULL UNION SELECT after FROM turned WHERE after IS NOT NULL"
        )
        return Preview(
            entities=_asked(con, _ENTITIES),
            rows=_asked(con, "FROM turned ORDER BY source, source_record_id"),
            values=_asked(con, _VALUES),
            moved=_asked(con, _moved_sql()),
            segments=_asked(con, _SEGMENTS),
        )
    finally:
        con.close()


def _asked(con: duckdb.DuckDBPyConnection, query: str) -> pl.DataFrame:
    answer: pl.DataFrame = con.sql(query).pl()
    return answer


_ROWS = """
CREATE TABLE turned AS
SELECT source, source_record_id, o.entity_id AS before, n.entity_id AS after
FROM old.identity.crosswalk o
FULL JOIN new.identity.crosswalk n USING (source, source_record_id)
WHERE o.entity_id IS DISTINCT FROM n.entity_id"""

_ENTITIES = """
WITH counts AS (
    SELECT entity_id, 'before' AS side FROM old.identity.crosswalk SEMI JOIN named USING (entity_id)
    UNION ALL
    SELECT entity_id, 'after' FROM new.identity.crosswalk SEMI JOIN named USING (entity_id)
),
heirs AS (
    SELECT other_entity_id AS entity_id, max(entity_id) AS redirect FROM new.identity.events
    WHERE kind = 'merged'
        AND sequence > (SELECT coalesce(max(sequence), 0) FROM old.identity.events)
    GROUP BY other_entity_id
)
SELECT entity_id, nullif(count(*) FILTER (side = 'before'), 0) AS rows_before,
       nullif(count(*) FILTER (side = 'after'), 0) AS rows_after, any_value(redirect) AS redirect
FROM counts LEFT JOIN heirs USING (entity_id) GROUP BY entity_id ORDER BY entity_id"""

_VALUES = """
SELECT entity_id, attribute, old_value, new_value FROM new.golden.changes
SEMI JOIN named USING (entity_id) ORDER BY entity_id, attribute"""

_SEGMENTS = """
WITH figures AS (
    SELECT entity_id, figure, old_figure AS before, NULL AS after FROM (
        UNPIVOT (SELECT entity_id, COLUMNS(* EXCLUDE entity_id)::VARCHAR
                 FROM old.marts.customer_360 SEMI JOIN named USING (entity_id))
        ON COLUMNS(* EXCLUDE entity_id) INTO NAME figure VALUE old_figure)
    UNION ALL
    SELECT entity_id, figure, NULL, new_figure FROM (
        UNPIVOT (SELECT entity_id, COLUMNS(* EXCLUDE entity_id)::VARCHAR
                 FROM new.marts.customer_360 SEMI JOIN named USING (entity_id))
        ON COLUMNS(* EXCLUDE entity_id) INTO NAME figure VALUE new_figure)
),
beside AS (
    SELECT entity_id, figure, max(before) AS before, max(after) AS after
    FROM figures GROUP BY entity_id, figure
)
SELECT * FROM beside WHERE before IS DISTINCT FROM after ORDER BY entity_id, figure"""


def _moved_sql() -> str:
    parts = [
        f"SELECT {literal(what)} AS what, entity_id, {side} FROM {catalogue}.{table} "
        "SEMI JOIN named USING (entity_id)"
        for what, table in COUNTED
        for catalogue, side in (
            ("old", "1 AS before, 0 AS after"),
            ("new", "0 AS before, 1 AS after"),
        )
    ]
    return (
        f"SELECT what, entity_id, sum(before)::BIGINT AS before, sum(after)::BIGINT AS after "
        f"FROM ({' UNION ALL '.join(parts)}) GROUP BY ALL "
        "HAVING sum(before) <> sum(after) ORDER BY what, entity_id"
    )


def as_json(preview: Preview) -> dict[str, Any]:
    """The preview as plain values."""
    return {
        name: getattr(preview, name).to_dicts()
        for name in ("entities", "rows", "values", "moved", "segments")
    }
