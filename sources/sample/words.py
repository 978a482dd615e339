"""The word lists of the sample: names, places, streets, goods; read once."""

import csv
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import yaml

from sources.sample.dice import FOLDER, Reals, Texts, texts


@dataclass(frozen=True)
class Listing:
    """One CSV of lists/, by column, with its weights (all 1 where it states none)."""

    columns: dict[str, Texts]
    weights: Reals

    def __getitem__(self, column: str) -> Texts:
        return self.columns[column]


@lru_cache(maxsize=16)
def listing(name: str) -> Listing:
    """The word list lists/`name`.csv in the order of the file."""
    with (FOLDER / "lists" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    columns = {column: texts([row[column] for row in rows]) for column in rows[0]}
    stated = columns.pop("weight", texts(["1"] * len(rows)))
    return Listing(columns, stated.astype(np.float64))


@lru_cache(maxsize=1)
def catalogue() -> dict[str, Any]:
    """The content of catalogue.yml."""
    content: dict[str, Any] = yaml.safe_load((FOLDER / "catalogue.yml").read_text(encoding="utf-8"))
    return content
