"""What the console's tests share: rows of the small release, signing in, deciding."""

from collections.abc import Callable
from typing import Any, Final

from fastapi.testclient import TestClient

PASSWORD: Final = "correct horse battery"
PAIR: Final = {"left": "registration/R-1", "right": "registration/R-2"}
OTHER: Final = {"left": "registration/R-2", "right": "social/weibo:88"}
SignIn = Callable[..., Any]


def form_token(browser: TestClient) -> str:
    """What the sign-in form must bring along."""
    browser.get("/sign-in")
    return str(browser.cookies["oneid_form"])


def said(browser: Any, verdict: str, **more: str) -> Any:
    """The answer to a verdict on PAIR."""
    form = {**PAIR, "verdict": verdict, "csrf_token": browser.csrf, **more}
    return browser.post("/decide", data=form)
