"""Ctrl-C: a run ends at once, since everything it leaves is either whole or not there."""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

SIGNALS = {signal.SIGINT, signal.SIGTERM}


@contextmanager
def stopped_at_once() -> Iterator[None]:
    """While inside, Ctrl-C or a termination ends the process with 128 + the signal's number.

    A thread waits for it, because Python would raise it somewhere inside the engines, which
    swallow it now and then. To be entered before anything starts threads of its own: they
    inherit that the signal is not for them.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    threading.Thread(target=_end_on_signal, daemon=True).start()
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _end_on_signal() -> None:
    received = signal.sigwait(SIGNALS)
    message = "oneid: stopped; the current release is whole, and running again goes on\n"
    os.write(sys.stderr.fileno(), message.encode())
    os._exit(128 + received)
