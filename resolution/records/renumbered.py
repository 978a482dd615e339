"""Records' lasting numbers, and their places among the records at hand."""

import polars as pl

PAIR = ("record_id_l", "record_id_r")


class Renumbered:
    """`numbers`: record_id by place."""

    def __init__(self, numbers: pl.Series) -> None:
        self.numbers = numbers
        self._places = pl.DataFrame(
            {"number": numbers, "place": pl.int_range(len(numbers), dtype=pl.Int64, eager=True)}
        )

    def inside(self, frame: pl.DataFrame, column: str) -> pl.DataFrame:
        """`frame` with places in place of numbers; null where the record is not at hand."""
        places = frame.select(number=column).join(
            self._places, on="number", how="left", maintain_order="left"
        )
        return frame.with_columns(places.get_column("place").alias(column))

    def outside(self, frame: pl.DataFrame, column: str) -> pl.DataFrame:
        """`frame` with numbers in place of places."""
        return frame.with_columns(self.numbers.gather(frame.get_column(column)).alias(column))

    def pairs_inside(self, pairs: pl.DataFrame) -> pl.DataFrame:
        """Pairs of places, the smaller first."""
        return _ordered(self.inside(self.inside(pairs, PAIR[0]), PAIR[1]))

    def pairs_outside(self, pairs: pl.DataFrame) -> pl.DataFrame:
        """Pairs of numbers, the smaller first, in order."""
        return _ordered(self.outside(self.outside(pairs, PAIR[0]), PAIR[1])).sort(PAIR)

    def clusters_outside(self, clusters: pl.DataFrame) -> pl.DataFrame:
        """record_id and cluster_id, its smallest record_id; in order."""
        named = self.outside(clusters, "record_id")
        smallest = pl.col("record_id").min().over("cluster_id").alias("cluster_id")
        return named.with_columns(smallest).sort("record_id")


def _ordered(pairs: pl.DataFrame) -> pl.DataFrame:
    left, right = (pl.col(end) for end in PAIR)
    return pairs.with_columns(
        pl.min_horizontal(left, right).alias(PAIR[0]),
        pl.max_horizontal(left, right).alias(PAIR[1]),
    )
