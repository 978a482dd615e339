"""What every other package may use: errors, ids, the project's folders, files written whole."""
