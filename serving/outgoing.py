"""Sending what the change feed brings to webhooks: signed, in order, again until it is taken."""

import hashlib
import hmac
import logging
import threading
import time
from typing import Final

import httpx

from serving.answers import as_json
from serving.feed import Cursor, Feed
from serving.problems import ApiProblem
from serving.store.database import utc_now
from serving.store.webhooks import Delivery, State, Webhook, Webhooks

SIGNATURE_HEADER: Final = "OneID-Signature"
DELIVERY_HEADER: Final = "OneID-Delivery"
_BATCH: Final = 100
"""Changes in one request."""
_TIMEOUT: Final = 10.0
_LOG: Final = logging.getLogger("oneid.serving")


def signature(secret: str, at: int, body: bytes) -> str:
    """`t=<seconds since 1970>,v1=<HMAC-SHA256 of "<t>." and the body, in hex>`."""
    told = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={told}"


class Outgoing:
    """A thread that makes batches of what is new and sends those that are due."""

    def __init__(self, feed: Feed, webhooks: Webhooks, every: float) -> None:
        self._feed, self._webhooks, self._every = feed, webhooks, every
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="webhooks", daemon=True)

    def start(self) -> None:
        """Begin to send."""
        self._thread.start()

    def stop(self) -> None:
        """Stop after the request that is on its way."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join(_TIMEOUT + 1)

    def work(self, client: httpx.Client) -> int:
        """One round over all webhooks; how many requests were made."""
        return sum(self._serve(client, webhook) for webhook in self._webhooks.all())

    def _run(self) -> None:
        with httpx.Client(timeout=_TIMEOUT, follow_redirects=False, trust_env=False) as client:
            while not self._stopped.is_set():
                try:
                    made = self.work(client)
                except Exception as error:  # the thread must outlive whatever a store may say
                    _LOG.warning("webhooks wait: %s", type(error).__name__)
                    made = 0
                if not made:
                    self._stopped.wait(self._every)

    def _serve(self, client: httpx.Client, webhook: Webhook) -> int:
        try:
            self._enqueue(webhook)
        except ApiProblem:
            _LOG.warning("webhook %d stands at a release that is not known here", webhook.id)
            return 0
        due = self._webhooks.first_pending(webhook.id)
        if due is None or due.next_at > utc_now():
            return 0
        problem = self._send(client, webhook, due)
        state = self._webhooks.settle(due, problem)
        if state is State.DEAD:
            _LOG.warning("webhook %d: delivery %d was given up: %s", webhook.id, due.id, problem)
        return 1

    def _enqueue(self, webhook: Webhook) -> None:
        step = self._feed.read(Cursor.read(webhook.cursor), _BATCH, webhook.role, webhook.kinds)
        if str(step.cursor) != webhook.cursor:
            self._webhooks.enqueue(webhook, str(step.cursor), is_empty=not step.changes)

    def _send(self, client: httpx.Client, webhook: Webhook, due: Delivery) -> str | None:
        """Send a batch; None where it was taken, else why not, without anything personal."""
        after, until = Cursor.read(due.after_cursor), Cursor.read(due.until_cursor)
        step = self._feed.read(after, _BATCH, webhook.role, webhook.kinds, until)
        content = {"delivery": due.id, "changes": step.changes, "cursor": due.until_cursor}
        body = as_json(content).encode()
        headers = {
            "Content-Type": "application/json",
            DELIVERY_HEADER: str(due.id),
            SIGNATURE_HEADER: signature(webhook.secret, int(time.time()), body),
        }
        try:
            answer = client.post(webhook.url, content=body, headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return type(error).__name__
        return None if answer.is_success else f"HTTP {answer.status_code}"
