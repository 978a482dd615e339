"""Names and texts written into SQL that cannot be bound as parameters."""


def quoted(*parts: str) -> str:
    """An identifier, or a dotted path of them, quoted so that any name is safe."""
    return ".".join('"' + part.replace('"', '""') + '"' for part in parts)


def literal(text: str) -> str:
    """A text literal; for statements that take no parameters (ATTACH, COMMENT, views)."""
    return "'" + text.replace("'", "''") + "'"
