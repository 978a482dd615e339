"""How often a key may ask: a bucket of requests that fills steadily."""

import threading
import time
from collections.abc import Callable


class Limits:
    """The buckets of all keys, in the memory of this process."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._turn = threading.Lock()
        self._buckets: dict[int, tuple[float, float]] = {}

    def take(self, key_id: int, per_minute: int) -> float:
        """Take one request; 0.0 where there was one, else the seconds until there is one again."""
        now, rate = self._clock(), per_minute / 60
        with self._turn:
            left, since = self._buckets.get(key_id, (float(per_minute), now))
            left = min(per_minute, left + (now - since) * rate)
            self._buckets[key_id] = (left - 1 if left >= 1 else left, now)
        return 0.0 if left >= 1 else (1 - left) / rate
