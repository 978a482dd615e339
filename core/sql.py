"""Names and texts written into SQL that cannot be bound as parameters; a setting for all of it."""

NO_PROGRESS_BAR = "SET enable_progress_bar = false"
"""For every connection that may ask something slow: DuckDB draws its bar on standard output, in
the middle of a CSV or JSON answer. No connection can be opened with it."""


def quoted(*parts: str) -> str:
    """An identifier, or a dotted path of them, quoted so that any name is safe."""
    return ".".join('"' + part.replace('"', '""') + '"' for part in parts)


def literal(text: str) -> str:
    """A text literal; for statements that take no parameters (ATTACH, COMMENT, views)."""
    return "'" + text.replace("'", "''") + "'"
