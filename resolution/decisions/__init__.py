"""Stewards' decisions: kept by rows, only ever added to, and which of them bind."""

from resolution.decisions.binding import Binding, binding_decisions
from resolution.decisions.judgement import Judgement, RowKey
from resolution.decisions.store import DecisionStore

__all__ = ["Binding", "DecisionStore", "Judgement", "RowKey", "binding_decisions"]
