"""Why an identity changed, in the reader's language: the ledger says it in English."""

import re
from collections.abc import Callable
from typing import Final

_REASONS: Final = ("decision", "source correction", "model change", "new evidence")
_COUNTED: Final = re.compile(
    r"(?P<all>all of its )?(?P<count>\d+) source rows? "
    r"(?P<what>moved|joined|gone|seen for the first time)"
)
Translate = Callable[..., str]


def cause_told(cause: str | None, t: Translate, said: Callable[[str], str]) -> str:
    """The cause of an event; parts that are not known stay as they are. Empty where none is told.

    `t` and `said`: as in serving.console.language.
    """
    reason, _, counted = (cause or "").rpartition(": ")
    told = [_part(each, t, said) for each in counted.split(", ") if each]
    if reason in _REASONS:
        return t("cause.told", reason=said(reason), counted=t("cause.and").join(told))
    return t("cause.and").join([said(reason), *told] if reason else told)


def _part(words: str, t: Translate, said: Callable[[str], str]) -> str:
    found = _COUNTED.fullmatch(words)
    if found is None:
        return said(words)
    what = found["what"].split()[0] if not found["all"] else "all"
    return t(
        f"cause.rows.{what}" if found["count"] != "1" else f"cause.row.{what}", count=found["count"]
    )
