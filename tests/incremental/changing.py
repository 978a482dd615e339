"""Sources that change their mind: rows come late, are corrected, withdrawn, come again."""

import random
from dataclasses import dataclass, field

import polars as pl
from resolving import Resolving

from benchmarks.batches import Rows

LATER, EARLIER = "2026-06-{day:02} 12:00:00", "2019-03-{day:02} 12:00:00"
BUYER = ("buyer_name", "buyer_email", "buyer_phone", "registration_id", "loyalty_id")


@dataclass
class Changing:
    """A feed of these rows."""

    rows: Rows
    dice: random.Random
    withdrawn: dict[str, set[str]] = field(default_factory=dict)
    number: int = 0

    def deliver_to(self, resolving: Resolving) -> None:
        """A delivery of each source in which some rows are new, some are old ones changed, and
        some are taken back or come again."""
        self.number += 1
        resolving.deliver(
            {source: self._some(source, frame) for source, frame in sorted(self.rows.items())}
        )
        lists = {}
        for source, frame in sorted(self.rows.items()):
            keys = frame.get_column(frame.columns[0]).unique(maintain_order=True)
            lists[source] = self.dice.sample(keys.to_list(), k=len(keys) // 12)
        resolving.withdraw(lists)

    def _some(self, source: str, frame: pl.DataFrame) -> pl.DataFrame:
        drawn = self._drawn(frame, 0.4)
        changed = self._drawn(frame, 0.15)
        if source == "registration":
            changed = self._moved_house(changed)
        if source == "transaction":
            changed = self._of_another(changed)
        if source == "feedback":
            changed = changed.with_columns(transaction_id=pl.lit(None, pl.String))
        return pl.concat([drawn, changed])

    def _drawn(self, frame: pl.DataFrame, share: float) -> pl.DataFrame:
        seed = self.dice.randrange(1 << 30)
        return frame.sample(fraction=share, shuffle=True, seed=seed)

    def _moved_house(self, people: pl.DataFrame) -> pl.DataFrame:
        """Versions with the phone and address of others, some newer than all, some older."""
        at = self.dice.choice([LATER, EARLIER]).format(day=self.number % 28 + 1)
        others = people.select("phone", "address_line", "city", "postcode").reverse()
        return people.with_columns(
            *others, registered_at=pl.lit(EARLIER.format(day=1)), updated_at=pl.lit(at)
        )

    @staticmethod
    def _of_another(orders: pl.DataFrame) -> pl.DataFrame:
        """Orders that turn out to be somebody else's."""
        return orders.with_columns(orders.select(BUYER).reverse())
