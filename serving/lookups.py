"""What `POST /v1/resolve` answers from: a release's records in memory, renewed with each release.

A thread follows CURRENT.json. A new release is read beside the one that answers, and then takes
its place: no request waits for it, and each is answered from one release alone.
"""

import gc
import logging
import threading
import time
from dataclasses import dataclass
from typing import Final

from core.errors import OneIDError, ProjectError
from core.project import Project
from resolution.kept import kept_for
from resolution.lookup.records import read_lookup_records
from resolution.lookup.who import Lookup
from serving.problems import ApiProblem
from serving.releases import NothingPublished, Releases
from sources.spec import load_specs

_LOG: Final = logging.getLogger("oneid.serving")
_STOPPING: Final = 30.0
"""Seconds to wait for a release that is being read when the server stops."""


@dataclass(frozen=True)
class LoadedLookup:
    """A lookup, and the release it answers from."""

    release: str
    lookup: Lookup


class Lookups:
    """The lookup of the current release. Safe to use from any thread."""

    def __init__(self, project: Project, releases: Releases, every: float) -> None:
        self._project, self._releases, self._every = project, releases, every
        self._loaded: LoadedLookup | None = None
        self._failed: tuple[str, str] | None = None
        """A release that cannot be looked up in, and why."""
        self._stopped = threading.Event()
        self._turn = threading.Lock()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to follow the releases, unless that has begun."""
        with self._turn:
            if self._thread is None and not self._stopped.is_set():
                self._thread = threading.Thread(target=self._follow, name="lookups", daemon=True)
                self._thread.start()

    def stop(self) -> None:
        """Stop following."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join(_STOPPING)

    def current(self) -> LoadedLookup:
        """The lookup to answer from: of the current release, or of the one before while that is
        read. Raises NothingPublished, and ApiProblem 503 until the first is there."""
        if self._loaded is not None:
            return self._loaded
        self.start()
        release = self._releases.current()
        if release is None:
            raise NothingPublished
        if self._failed is not None and self._failed[0] == release.release:
            raise ApiProblem(503, "no-lookup", self._failed[1])
        detail = "the release's records are being read into memory; ask again in a few seconds"
        raise ApiProblem(503, "loading", detail, {"Retry-After": "2"})

    def renew(self) -> None:
        """Read the current release where it is not the one that answers."""
        release = self._releases.current()
        name = release.release if release else ""
        known = (self._loaded.release if self._loaded else "", (self._failed or ("",))[0])
        if name in known:
            return
        began, is_first = time.monotonic(), self._loaded is None
        try:
            self._loaded, self._failed = LoadedLookup(name, self._read(name)), None
        except OneIDError as error:
            self._failed = (name, str(error))
            _LOG.warning("release %s cannot be looked up in: %s", name, type(error).__name__)
        else:
            seconds = time.monotonic() - began
            _LOG.info("release %s: records read for lookup in %.1f s", name, seconds)
            if is_first:
                # what is there by now stays: looking through it again and again for what may go
                # would stop all requests for a tenth of a second each time
                gc.collect()
                gc.freeze()

    def _read(self, release: str) -> Lookup:
        kept = kept_for(self._project, release)
        if kept is None:
            detail = "what this release was made from is not there; make a new one: oneid run"
            raise ProjectError(detail)
        lookup = Lookup(read_lookup_records(kept, load_specs(self._project)))
        lookup.warm()
        return lookup

    def _follow(self) -> None:
        while not self._stopped.is_set():
            try:
                self.renew()
            except Exception as error:  # removed by a newer release while read: looked at again
                _LOG.warning("lookup waits: %s", type(error).__name__)
            self._stopped.wait(self._every)
