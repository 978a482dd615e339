"""Who is at the command line: by the name given, else by the login."""

import getpass

from core.errors import DecisionError


def named_person(who: str | None) -> str:
    """The name under which something is recorded. Raises DecisionError where there is none."""
    try:
        name = (who if who is not None else getpass.getuser()).strip()
    except (OSError, KeyError):
        name = ""
    if not name:
        raise DecisionError("oneid", ["nobody is named; add --as NAME"], "nothing was recorded")
    return name
