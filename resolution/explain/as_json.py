"""Stories as JSON, for programs."""

from dataclasses import asdict
from typing import Any

from resolution.explain.arrivals import arrival_json
from resolution.explain.decided import word_json
from resolution.explain.entity import EntityStory
from resolution.explain.pair import PairStory
from resolution.explain.published import Pair, Row, written
from resolution.explain.verdict import entity_verdict, pair_verdict, would_be
from resolution.explain.waterfall import Waterfall, weight_of


def pair_json(story: PairStory, values: bool = False) -> dict[str, Any]:
    """The story of two source rows. `values`: with the standardised values of both."""
    content: dict[str, Any] = {
        "verdict": pair_verdict(story),
        "together": story.together,
        "decisions": [word_json(word) for word in story.words],
        "cause": story.cause,
        "records": [_row(story.left), _row(story.right)],
        "status": story.published.status if story.published else None,
        "refused": story.published.refused if story.published else None,
        "evidence_alone": would_be(story),
        "guard": story.guard,
        "evidence": _waterfall(story.evidence) if story.evidence else None,
        "thresholds": _thresholds(story),
        "blocking": [asdict(rule) for rule in story.rules],
        "path": [_pair(x.pair) | {"evidence": _waterfall(x.evidence)} for x in story.path],
        "contradictions": [
            {"records": [written(x.left), written(x.right)], "reason": x.reason}
            for x in story.contradictions
        ],
        "between": [_pair(pair) for pair in story.between],
        "notes": list(story.notes),
    }
    if values:
        content["values"] = list(story.values)
    return content


def entity_json(story: EntityStory, values: bool = False) -> dict[str, Any]:
    """The story of one customer. `values`: with the standardised values of its records."""
    return {
        "verdict": entity_verdict(story),
        "entity_id": story.entity_id,
        "records": [
            {
                "record": written(x.key),
                "rows": x.rows,
                "visitor": x.visitor,
                "matched_by": x.matched_by,
                "match_probability": x.probability,
                "came": [arrival_json(each) for each in story.arrivals.get(x.key, ())],
                **({"values": x.values} if values else {}),
            }
            for x in story.records
        ],
        "holding": [
            _pair(pair) | {"evidence": _waterfall(evidence)}
            for pair, evidence in zip(story.holding, story.evidence, strict=True)
        ],
        "further_links": [_pair(pair) for pair in story.further],
        "weakest_joins": list(story.bridge) if story.bridge else None,
        "kept_out": [
            _pair(x.pair) | {"own": written(x.own), "entity_id": x.entity_id}
            for x in story.neighbours
        ],
        "decisions": [word_json(word) for word in story.words],
        "history": [
            asdict(change) | {"at": f"{change.at:%Y-%m-%dT%H:%M:%SZ}"} for change in story.changes
        ],
    }


def _row(row: Row) -> dict[str, Any]:
    return {
        "record": written(row.key),
        "entity_id": row.entity_id,
        "matched_by": row.matched_by,
        "matched_as": written(row.matched_as) if row.matched_as else None,
    }


def _pair(pair: Pair) -> dict[str, Any]:
    return {
        "left": written(pair.left),
        "right": written(pair.right),
        "match_weight": pair.weight,
        "match_probability": pair.probability,
        "status": pair.status,
        "refused": pair.refused,
    }


def _waterfall(evidence: Waterfall) -> dict[str, Any]:
    total = evidence.prior
    steps = []
    for step in evidence.steps:
        total += step.weight
        steps.append(asdict(step) | {"weight": step.weight, "total": total})
    return {
        "prior": evidence.prior,
        "steps": steps,
        "unknown": list(evidence.unknown),
        "match_weight": evidence.weight,
        "match_probability": evidence.probability,
    }


def _thresholds(story: PairStory) -> dict[str, Any] | None:
    if story.thresholds is None:
        return None
    return {
        name: {"match_probability": value, "match_weight": weight_of(value)}
        for name, value in (
            ("link", story.thresholds.link),
            ("clerical", story.thresholds.clerical),
        )
    }
