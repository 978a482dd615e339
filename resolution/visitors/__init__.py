"""Anonymous visitors recognised by what they showed of themselves."""
