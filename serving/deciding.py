"""Recording what stewards say: in the audit first, then among the decisions.

These are two stores, and a server may be killed between them. So a row of the audit says what
somebody set out to do, and nothing is decided that the audit does not know; a row that nothing
follows is of a request that was never answered, or that was refused. A form that got no answer is
sent again, and that changes nothing more.
"""

from collections.abc import Sequence

import polars as pl

from resolution.decisions import Decision, DecisionStore
from serving.access import User
from serving.ground import Ground


def decide(ground: Ground, user: User, said: Decision, release: str) -> int:
    """Record a decision; its id, also where it stood already. Raises DecisionError."""
    pair = " ~ ".join(map(str, said.ends))
    ground.audit.record(user.who, "decides", pair, {"verdict": said.verdict, "release": release})
    return DecisionStore(ground.project).decide(said)


def regroup(ground: Ground, user: User, entity_id: str, decisions: Sequence[Decision]) -> str:
    """Record a batch that splits or merges a customer; its name, also where it stood already.

    Raises DecisionError.
    """
    detail = {"verdict": decisions[0].verdict, "decisions": len(decisions)}
    ground.audit.record(user.who, "regroups", entity_id, detail)
    return DecisionStore(ground.project).decide_batch(decisions)


def take_back(ground: Ground, user: User, number: int) -> None:
    """Undo a decision, unless the same steward has. Raises DecisionError where it cannot be."""
    if _took_back(ground, user, pl.col("id") == number):
        return
    ground.audit.record(user.who, "takes back", str(number))
    DecisionStore(ground.project).undo(number, user.name)


def take_back_batch(ground: Ground, user: User, batch: str) -> None:
    """Undo what stands of a batch, unless the same steward has. Raises DecisionError for none."""
    if _took_back(ground, user, pl.col("batch") == batch):
        return
    ground.audit.record(user.who, "takes back", batch)
    DecisionStore(ground.project).undo_batch(batch, user.name)


def _took_back(ground: Ground, user: User, which: pl.Expr) -> bool:
    """Whether nothing of those decisions stands, and the last was taken back by `user`."""
    undone = DecisionStore(ground.project).all().filter(which).sort("undone_at", nulls_last=True)
    return not undone.is_empty() and undone["undone_by"][-1] == user.name
