"""What changed since the release before: volumes, missing values, columns, and match weights."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import duckdb

from core.errors import OneIDError, QueryError
from core.project import Project
from core.sql import NO_PROGRESS_BAR, quoted
from serving.console.run_view import histogram
from serving.releases import ReleaseReader
from sources.landed import LandedStore, landed_path
from warehouse.moments import find_release
from warehouse.query import run_query

MARKED: Final = 0.05
"""Change of a share, or relative change of a volume, from which on it is marked."""
FINDINGS: Final = 60
Row = dict[str, Any]
Ask = Callable[[str], list[Row]]
_VOLUMES: Final = """
SELECT source, count(*) AS rows FROM identity.crosswalk GROUP BY source ORDER BY source"""
_WEIGHTS: Final = """
SELECT floor(match_weight / 2)::INTEGER * 2 AS weight, status, count(*) AS pairs
FROM identity.matches WHERE isfinite(match_weight) GROUP BY ALL ORDER BY ALL"""
_COLUMNS: Final = """
SELECT column_name AS name FROM duckdb_columns()
WHERE schema_name = 'golden' AND table_name = 'customers'
AND column_name NOT IN ('entity_id', 'home_key', 'record_count', 'sources', 'first_seen_at',
    'last_seen_at', 'confidence', 'updated_at') AND database_name = current_database()
ORDER BY column_index"""
_CHECKS: Final = """
SELECT suite, "check", observed, "at" FROM quality.results
WHERE "check" LIKE 'present!_%' ESCAPE '!' OR "check" IN ('delivered_rows', 'quarantined_share')
QUALIFY dense_rank() OVER (PARTITION BY suite, "check" ORDER BY "at" DESC) <= 2
ORDER BY suite, "check", "at" DESC"""
_FINDINGS: Final = f"""
SELECT source, kind, field, any_value(detail ORDER BY delivered_at DESC) AS detail,
    count(*) AS files, max(delivered_at) AS last
FROM drift GROUP BY source, kind, field ORDER BY last DESC, source, kind, field LIMIT {FINDINGS}"""


@dataclass(frozen=True)
class Figures:
    """What one release comes to."""

    release: str
    rows: Mapping[str, int]
    """Source -> rows in identity.crosswalk."""
    missing: Mapping[str, float]
    """Column of golden.customers -> share of customers without it."""
    weights: Mapping[str, Any]
    """As `histogram`, of identity.matches."""


@dataclass(frozen=True)
class Shift:
    """A figure before and now."""

    name: str
    before: float | None
    now: float | None
    relative: bool = False
    """Whether the change is one of the figure itself, and not of a share."""

    @property
    def change(self) -> float | None:
        """By how much; None where there is nothing to hold it against."""
        if self.before is None or self.now is None:
            return None
        if not self.relative:
            return self.now - self.before
        return (self.now - self.before) / self.before if self.before else None

    @property
    def marked(self) -> bool:
        """Whether it is worth a look: also what came or went."""
        if self.before is None or self.now is None:
            return self.before is not self.now
        return abs(self.change or 0.0) >= MARKED


def current_figures(reader: ReleaseReader) -> Figures:
    """Those of the reader's release; worked out once."""
    name = reader.release.release
    return reader.once("figures", lambda: _figures(name, reader.rows))


def figures_before(project: Project, reader: ReleaseReader) -> Figures | None:
    """Those of the release before; None where there is none, or its file is gone."""
    try:
        moment = find_release(project, "previous")
    except QueryError:
        return None
    if not moment.is_kept:
        return None
    name = moment.published.release

    def make() -> Figures:
        with duckdb.connect(str(moment.file), read_only=True) as con:
            con.execute(NO_PROGRESS_BAR)
            return _figures(name, lambda asked: con.sql(asked).pl().to_dicts())

    return reader.once(f"figures {name}", make)


def _figures(release: str, ask: Ask) -> Figures:
    names = [each["name"] for each in ask(_COLUMNS)]
    shares = ", ".join(f"1 - count({quoted(x)}) / count(*) AS {quoted(x)}" for x in names)
    return Figures(
        release,
        {each["source"]: each["rows"] for each in ask(_VOLUMES)},
        ask(f"SELECT {shares} FROM golden.customers")[0],
        histogram(ask(_WEIGHTS)),
    )


def shifts(
    before: Mapping[str, float] | None, now: Mapping[str, float], relative: bool = False
) -> list[Shift]:
    """A figure a name of either, those of `now` first."""
    then = before or {}
    names = dict.fromkeys((*now, *then))
    return [Shift(name, then.get(name), now.get(name), relative) for name in names]


def checked_shifts(project: Project) -> list[tuple[str, Shift]]:
    """(suite, figure) of deliveries as the gates of the last two runs observed them."""
    found: dict[tuple[str, str], list[float | None]] = {}
    for row in run_query(project, _CHECKS).to_dicts():
        found.setdefault((row["suite"], row["check"]), []).append(_number(row["observed"]))
    return [
        (suite, Shift(check, values[1] if len(values) > 1 else None, values[0], _counts(check)))
        for (suite, check), values in found.items()
    ]


def _number(text: str | None) -> float | None:
    try:
        return float(text or "")
    except ValueError:
        return None


def _counts(check: str) -> bool:
    return check == "delivered_rows"


def delivery_findings(project: Project) -> Sequence[Row] | None:
    """source, kind, field, detail, files, last: how deliveries differed from their specs, newest
    first. None where that cannot be read just now, as a run is at work."""
    try:
        with LandedStore(landed_path(project), read_only=True) as store:
            found: list[Row] = store.connection.sql(_FINDINGS).pl().to_dicts()
            return found
    except duckdb.CatalogException:
        return []
    except (duckdb.Error, OneIDError):
        return None
