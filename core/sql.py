"""Names and texts written into SQL that cannot be bound as parameters; settings for all of it."""

STORAGE: dict[str, str | bool | int | float | list[str]] = {
    "storage_compatibility_version": "v1.5.0",
    "python_enable_replacements": "false",
}
"""How every DuckDB of ours is opened: its file can be read by 1.5 and later, and no Python variable
is ever taken for a table."""

NO_PROGRESS_BAR = "SET enable_progress_bar = false"
"""For every connection that may ask something slow: DuckDB draws its bar on standard output, in
the middle of a CSV or JSON answer. No connection can be opened with it."""


def quoted(*parts: str) -> str:
    """An identifier, or a dotted path of them, quoted so that any name is safe."""
    return ".".join('"' + part.replace('"', '""') + '"' for part in parts)


def literal(text: str) -> str:
    """A text literal; for statements that take no parameters (ATTACH, COMMENT, views)."""
    return "'" + text.replace("'", "''") + "'"
