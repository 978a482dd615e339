"""What comes back when somebody asks who a record is."""

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["one", "several", "unclear", "nobody"]
Status = Literal["link", "clerical", "refused"]


@dataclass(frozen=True)
class Reason:
    """One comparison's part in a match weight."""

    comparison: str
    level: str
    """In words, as stewards see it."""
    weight: float
    """Bits that the level adds."""
    tf: float
    """Bits that the rarity of the shared value adds."""


@dataclass(frozen=True)
class Pair:
    """The record that was asked about, beside one record of the release."""

    record_id: int
    source: str
    match_weight: float
    reasons: tuple[Reason, ...]
    """Of the comparisons with something to compare, in the model's order."""
    conflict: str | None
    """Why a guard forbids it; None where none does."""


@dataclass(frozen=True)
class Candidate:
    """A customer that the record may be of."""

    entity_id: str
    match_weight: float
    """Of the customer's record that is most like the one asked about."""
    match_probability: float
    status: Status
    """link: strong enough to be joined; clerical: a steward would be asked; refused: a record of
    the customer contradicts."""
    refused: str | None
    """The guard's reason."""
    source: str
    """Of the record most like the one asked about."""
    records: int
    """Records of the customer."""
    why: tuple[Reason, ...]
    """Of the record most like the one asked about."""


@dataclass(frozen=True)
class Answer:
    """Who the record is."""

    verdict: Verdict
    """one: one customer would be joined; several: more than one would; unclear: a steward would
    be asked; nobody: no customer comes near, or all that do are refused."""
    candidates: tuple[Candidate, ...]
    """From the likeliest on."""


def verdict_on(candidates: tuple[Candidate, ...]) -> Verdict:
    """What the candidates come to."""
    links = sum(each.status == "link" for each in candidates)
    if links:
        return "one" if links == 1 else "several"
    return "unclear" if any(each.status == "clerical" for each in candidates) else "nobody"
