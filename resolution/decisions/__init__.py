"""Stewards' decisions: kept by rows, only ever added to, and which of them bind."""

from resolution.decisions.binding import Binding, binding_decisions
from resolution.decisions.decision import Decision, RowKey, Steward
from resolution.decisions.store import DecisionStore

__all__ = ["Binding", "Decision", "DecisionStore", "RowKey", "Steward", "binding_decisions"]
