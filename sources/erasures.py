"""Who asked for which rows to be erased, and how far that is: var/ledger/erasures.jsonl.

Lines are only added. Rows are named by keyed hashes of source and key, so that the file can say of
a row that is delivered again that it was erased, and of nobody who they were.
"""

import hmac
import json
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from core.errors import ProjectError
from core.files import written_whole
from core.project import Project

ERASED = "erased"
"""The reason under which such a row is quarantined, and the kind of a customer's last event."""


@dataclass(frozen=True)
class Erasure:
    """One request. Grain: one a call of `oneid erase`."""

    number: int
    at: datetime
    """UTC, without a zone."""
    who: str
    why: str
    entities: tuple[str, ...]
    """The customers to be erased whole, by id; none where only rows were named."""
    rows: frozenset[str]
    """Hashes of the rows."""
    allow_return: bool
    """Whether the same rows may be delivered again."""
    concerned: tuple[str, ...] = ()
    """Every customer that ever held one of the rows, as of the run that began with it."""
    begun_after: str | None = None
    """The release that was current when the landed rows were erased."""
    is_begun: bool = False
    is_done: bool = False


def erasures_file(project: Project) -> Path:
    """Where the requests are kept."""
    return project.ledger / "erasures.jsonl"


class RowHashes:
    """Keyed hashes of source rows, by the project's own secret, which the first use makes."""

    def __init__(self, project: Project) -> None:
        self._secret = _secret(project)

    def of(self, source: str, key: str) -> str:
        """The hash of one row, as hex digits."""
        return hmac.digest(self._secret, f"{source}\x1f{key}".encode(), "sha256").hex()

    def among(self, rows: pl.DataFrame, hashes: Iterable[str]) -> pl.DataFrame:
        """Those of `rows` (source, source_record_id, others) whose hash is one of `hashes`."""
        wanted = frozenset(hashes)
        pairs = rows.select("source", "source_record_id").iter_rows()
        return rows.filter(
            pl.Series([self.of(*pair) in wanted for pair in pairs], dtype=pl.Boolean)
        )


class Refused:
    """Which keys must not come in again."""

    def __init__(self, project: Project) -> None:
        self._hashes = frozenset(
            row for each in read_erasures(project) if not each.allow_return for row in each.rows
        )
        self._hash = RowHashes(project) if self._hashes else None

    def keys(self, source: str, keys: pl.Series) -> frozenset[str]:
        """Those of the source's `keys` (text; null where unreadable) that were erased."""
        if self._hash is None:
            return frozenset()
        known = keys.cast(pl.String).drop_nulls().unique()
        return frozenset(key for key in known if self._hash.of(source, key) in self._hashes)


def read_erasures(project: Project) -> list[Erasure]:
    """Every request, in order. Raises ProjectError where the file cannot be read."""
    found: dict[int, Erasure] = {}
    for place, line in enumerate(_lines(project), start=1):
        try:
            _take(json.loads(line), found)
        except (ValueError, KeyError, TypeError):
            raise ProjectError(
                f"{erasures_file(project)}: line {place} is not as it was written; "
                "restore var/ledger from a backup"
            ) from None
    return list(found.values())


def waiting_erasures(project: Project) -> list[Erasure]:
    """The requests that are not carried out yet, in order."""
    return [each for each in read_erasures(project) if not each.is_done]


def request_erasure(project: Project, wanted: Erasure) -> int:
    """Record a request; its number. To be called by the holder of the project's run lock."""
    number = len(read_erasures(project)) + 1
    _add(
        project,
        {
            "kind": "requested",
            "number": number,
            "at": wanted.at.isoformat(),
            "who": wanted.who,
            "why": wanted.why,
            "entities": list(wanted.entities),
            "rows": sorted(wanted.rows),
            "allow_return": wanted.allow_return,
        },
    )
    return number


def note_begun(
    project: Project,
    number: int,
    rows: Iterable[str],
    concerned: Sequence[str],
    release: str | None,
    at: datetime,
) -> None:
    """Note that the landed rows of a request are gone: what is published from now on is without
    them. `release`: the current one."""
    told = {"kind": "begun", "number": number, "at": at.isoformat(), "rows": sorted(rows)}
    _add(project, told | {"concerned": list(concerned), "after_release": release})


def note_done(project: Project, number: int, release: str, at: datetime) -> None:
    """Note that nothing is kept any more of what a request was about, since `release`."""
    _add(project, {"kind": "done", "number": number, "at": at.isoformat(), "release": release})


def _take(line: dict[str, Any], found: dict[int, Erasure]) -> None:
    number = int(line["number"])
    if line["kind"] == "requested":
        found[number] = Erasure(
            number,
            datetime.fromisoformat(line["at"]),
            str(line["who"]),
            str(line["why"]),
            tuple(line["entities"]),
            frozenset(line["rows"]),
            bool(line["allow_return"]),
        )
    elif line["kind"] == "begun":
        found[number] = replace(
            found[number],
            rows=frozenset(line["rows"]),
            concerned=tuple(line["concerned"]),
            begun_after=line["after_release"],
            is_begun=True,
        )
    else:
        found[number] = replace(found[number], is_done=True)


def _lines(project: Project) -> list[str]:
    try:
        return erasures_file(project).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []


def _add(project: Project, line: dict[str, Any]) -> None:
    lines = [*_lines(project), json.dumps(line, ensure_ascii=False)]
    with written_whole(erasures_file(project)) as draft:
        draft.write_text("".join(f"{each}\n" for each in lines), encoding="utf-8")


def _secret(project: Project) -> bytes:
    file = project.ledger / "erasures.key"
    if not file.is_file():
        if erasures_file(project).is_file():
            raise ProjectError(
                f"{file} is gone, without which no erased row is known again; "
                "restore var/ledger from a backup"
            )
        with written_whole(file) as draft:
            draft.write_text(secrets.token_hex(32), encoding="ascii")
            draft.chmod(0o600)
    return bytes.fromhex(file.read_text(encoding="ascii"))
