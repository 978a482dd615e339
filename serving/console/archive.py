"""One release with what explains it, for as long as a page is made."""

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from core.project import Project
from core.sql import NO_PROGRESS_BAR, STORAGE
from resolution.explain import Archive
from resolution.kept import kept_for
from serving.releases import ReleaseReader


@contextmanager
def archive_of(project: Project, reader: ReleaseReader) -> Iterator[Archive]:
    """The reader's release; without what was kept beside it, where a newer one has replaced it."""
    with duckdb.connect(config=STORAGE) as scratch:
        scratch.execute(NO_PROGRESS_BAR)
        kept = kept_for(project, reader.release.release)
        yield Archive(reader.connection, kept, scratch)
