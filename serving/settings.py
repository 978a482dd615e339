"""How a server of one project behaves; made once at its start."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class ServingSettings:
    """What a deployment may choose."""

    host: str = "127.0.0.1"
    port: int = 8080
    secure_cookies: bool = False
    """Send cookies over HTTPS alone; for a server behind a proxy that speaks it."""
    session_lasts: timedelta = timedelta(hours=12)
    session_idle: timedelta = timedelta(hours=1)
    """A session ends when so long nothing was asked in it."""
    wrong_passwords: int = 5
    """So many in a row lock an account …"""
    lock_lasts: timedelta = timedelta(minutes=15)
    """… for so long."""
    longest_wait: float = 60.0
    """Seconds a caller of the change feed may wait for news."""
    watch_every: float = 0.5
    """Seconds between two looks at which release is current."""
    deliver_webhooks: bool = True
    """Whether this process sends what the change feed brings to the webhooks."""
