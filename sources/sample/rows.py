"""Rows of one source, before they are written: columns as delivered, when, and whose."""

from dataclasses import dataclass

import numpy as np

from sources.sample.dice import Texts, Whole, texts

UNKNOWN, BAD = -1, -2


@dataclass
class Rows:
    """One source's rows of one block, one position a row."""

    source: str
    key: str
    time: str
    columns: dict[str, Texts]
    at: Whole
    """When it happened, in seconds of Unix time; also the column `time`, written."""
    owner: Whole
    """The customer's number; UNKNOWN where nobody will ever know, BAD for a row to refuse."""
    truth_key: str = ""
    """The column by which the truth names rows; the key when not given."""
    sent: Whole | None = None
    """When the row was there to deliver; `at` when not given."""
    damage: Texts | None = None
    """How the row's text is spoilt when it is written; None, or None a row, where it is whole."""

    @property
    def sent_at(self) -> Whole:
        """When each row was there to deliver."""
        return self.at if self.sent is None else self.sent

    @property
    def damages(self) -> Texts:
        """How each row's text is spoilt, None where it is whole."""
        return texts([None] * len(self)) if self.damage is None else self.damage

    def __len__(self) -> int:
        return len(self.at)

    def take(self, which: Whole) -> "Rows":
        """The rows at these positions, in their order."""
        columns = {name: column[which] for name, column in self.columns.items()}
        return Rows(
            self.source, self.key, self.time, columns, self.at[which], self.owner[which],
            self.truth_key, self.sent_at[which], self.damages[which],
        )  # fmt: skip


def stack(parts: list[Rows]) -> Rows:
    """The rows of all parts, in order of parts."""
    first = parts[0]
    columns = {
        name: np.concatenate([part.columns[name] for part in parts]) for name in first.columns
    }
    at = np.concatenate([part.at for part in parts])
    owner = np.concatenate([part.owner for part in parts])
    sent = np.concatenate([part.sent_at for part in parts])
    damage = np.concatenate([part.damages for part in parts])
    return Rows(
        first.source, first.key, first.time, columns, at, owner, first.truth_key, sent, damage
    )


def by_time(at: Whole) -> Whole:
    """Positions in order of time, ties in the order they came."""
    return np.argsort(at, kind="stable").astype(np.int64)


def number_keys(letter: str, block: int, count: int, start: int = 0) -> Texts:
    """Keys such as T0003-000012: a block's rows numbered in order."""
    return texts([f"{letter}{block:04d}-{number:06d}" for number in range(start, start + count)])


def iso(at: Whole, zone: str = "Z", between: str = "T") -> Texts:
    """The times as ISO 8601, to the second, UTC."""
    written = np.datetime_as_string(at.astype("datetime64[s]"))
    return texts([f"{time.replace('T', between)}{zone}" for time in written.tolist()])
