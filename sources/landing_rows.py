"""Which delivered files hold given keys; nothing of them is stored."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from core.errors import SourceError
from sources.deliveries import delivered_files
from sources.headings import match_headings, under_field_names
from sources.readers import read_batches
from sources.spec import SourceSpec


def count_in_files(
    folder: Path, spec: SourceSpec, keys: frozenset[str]
) -> Iterator[tuple[Path, int]]:
    """path, rows of every file of the source that holds rows of these keys, in order of path.

    A file that cannot be read counts for none.
    """
    for path in delivered_files(folder, spec.files):
        try:
            count = sum(
                _count(batch.frame, spec, keys) for batch in read_batches(path, spec.format)
            )
        except SourceError:
            continue
        if count:
            yield path, count


def _count(frame: pl.DataFrame, spec: SourceSpec, keys: frozenset[str]) -> int:
    matched = match_headings(frame.columns, spec)
    if not matched.fields.get(spec.key):
        return 0
    written = under_field_names(frame, spec, matched).get_column(spec.key).cast(pl.String)
    return int(written.str.strip_chars().is_in(sorted(keys)).sum())
