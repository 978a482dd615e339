"""What every request stands on: the project, its releases, and the server's own store."""

from dataclasses import dataclass, field
from typing import Final

from anyio import CapacityLimiter

from core.project import Project
from serving.feed import Feed
from serving.limits import Limits
from serving.lookups import Lookups
from serving.metrics import Metrics
from serving.outgoing import Outgoing
from serving.releases import Releases
from serving.settings import ServingSettings
from serving.store.accounts import Accounts
from serving.store.audit import Audit
from serving.store.database import ServingDatabase
from serving.store.keys import ApiKeys
from serving.store.sessions import Sessions
from serving.store.webhooks import Webhooks

_FEED_THREADS: Final = 4
"""Threads that read the feed for its readers: when hundreds of them wait for a release whose files
are being made, everybody else's requests still find one."""


@dataclass
class Ground:
    """Made once for a server, closed when it stops."""

    project: Project
    settings: ServingSettings
    database: ServingDatabase = field(init=False)
    accounts: Accounts = field(init=False)
    sessions: Sessions = field(init=False)
    keys: ApiKeys = field(init=False)
    audit: Audit = field(init=False)
    releases: Releases = field(init=False)
    feed: Feed = field(init=False)
    feed_threads: CapacityLimiter = field(init=False)
    webhooks: Webhooks = field(init=False)
    outgoing: Outgoing = field(init=False)
    lookups: Lookups = field(init=False)
    limits: Limits = field(init=False)
    metrics: Metrics = field(init=False)

    def __post_init__(self) -> None:
        self.database = ServingDatabase(self.project)
        self.accounts = Accounts(self.database, self.settings)
        self.sessions = Sessions(self.database, self.settings)
        self.keys = ApiKeys(self.database)
        self.audit = Audit(self.database)
        self.releases = Releases(self.project)
        self.feed = Feed(self.project)
        self.feed_threads = CapacityLimiter(_FEED_THREADS)
        self.webhooks = Webhooks(self.database)
        self.outgoing = Outgoing(self.feed, self.webhooks, self.settings.watch_every)
        self.lookups = Lookups(self.project, self.releases, self.settings.watch_every)
        self.limits = Limits()
        self.metrics = Metrics()

    def close(self) -> None:
        """Stop what works in the background, and let go of every file."""
        self.outgoing.stop()
        self.lookups.stop()
        self.releases.close()
        self.database.close()
