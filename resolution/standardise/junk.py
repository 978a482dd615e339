"""Placeholders: what is written where nothing is known, by kind, from junk.yml."""

from collections.abc import Mapping
from functools import cache

import yaml

from resolution.standardise.characters import FOLDER, bare_key

_LONGEST = 40
"""No placeholder is longer; longer texts need not be looked up."""


@cache
def junk_lists() -> Mapping[str, frozenset[str]]:
    """Kind of list -> its entries, compared by `bare_key`."""
    content = yaml.safe_load((FOLDER / "junk.yml").read_text(encoding="utf-8"))
    return {
        kind: frozenset(_entry_key(str(entry)) for entry in entries)
        for kind, entries in content.items()
    }


def _entry_key(entry: str) -> str:
    return bare_key(entry) if all(c.isalnum() or c in " -" for c in entry) else entry


def is_junk(kind: str, text: str) -> bool:
    """Whether `text` is a placeholder of `kind`, or holds neither letter nor digit."""
    key = bare_key(text)
    if len(text) > _LONGEST:
        return False
    entries = junk_lists()[kind]
    return not key or key in entries or text.lower() in entries
