"""Comparisons in the words of a model's author: levels whose conditions are written in SQL."""

from collections.abc import Mapping
from typing import Any

from resolution.comparisons.conditions import Condition, Otherwise, Sql
from resolution.comparisons.levels import Level, LevelSet

WORDS, SQL, M, U = "words", "sql", "m", "u"


def compare_by_sql(name: str, on: str, settings: Mapping[str, Any]) -> LevelSet:
    """Levels as `settings` has them, the most alike first; Splink weighs them.

    `settings`: `unknown`, SQL that holds when there is nothing to compare, and `levels`, each
    with `words` for stewards, `sql`, and the shares `m` among pairs of one customer and `u` of
    two, to start training from; the last level has no `sql` and takes whatever is left. SQL is
    DuckDB's, over the columns of the left (`_l`) and right (`_r`) record. Raises ValueError
    saying what is missing.
    """
    content = settings.get("levels")
    if not isinstance(content, list) or len(content) < 2 or "unknown" not in settings:
        raise ValueError(
            f"comparison {name} of kind sql needs settings {{unknown: SQL, levels: [{{words: …, "
            "sql: …, m: …, u: …}, …, {words: …, m: …, u: …}]}"
        )
    last = len(content) - 1
    levels = tuple(_level(name, item, place == last) for place, item in enumerate(content))
    return LevelSet(name, on, Sql(str(settings["unknown"])), levels)


def _level(name: str, content: Any, last: bool) -> Level:
    needed = {WORDS, M, U} | (set() if last else {SQL})
    if not isinstance(content, dict) or needed - set(content) or not set(content) <= needed:
        raise ValueError(
            f"comparison {name}: a level has {', '.join(sorted(needed))}"
            + ("; the last one takes whatever is left" if last else "")
        )
    m, u = float(content[M]), float(content[U])
    if not (0 < m <= 1 and 0 < u <= 1):
        raise ValueError(f"comparison {name}: m and u are shares above 0 and up to 1")
    condition: Condition = Otherwise() if last else Sql(str(content[SQL]))
    return Level(str(content[WORDS]), condition, m, u)
