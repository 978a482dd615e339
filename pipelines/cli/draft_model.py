"""A first customer.yml, from the attributes that the drafted specs map."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pipelines.cli.headings import vocabulary

SHARED_WITH = 0.1
"""Other people one is expected to share an identifier with: cards are reissued, numbers retyped."""
RULES: Mapping[str, list[str]] = {
    "identifier": ["source_priority", "most_frequent", "most_recent"],
    "text": ["source_priority", "most_frequent", "most_recent"],
    "number": ["most_recent", "most_frequent"],
    "person_name": ["source_priority", "most_complete", "most_frequent", "most_recent"],
    "email": ["verified_first", "source_priority", "most_recent", "most_frequent"],
    "phone": ["verified_first", "source_priority", "most_recent", "most_frequent"],
}
SECTIONS = ("standardise", "comparisons", "blocking", "fan_out", "guards", "survivorship")
FAN_OUT = 8
"""As the default model has it for its own emails and telephones."""
ADDRESS_ROLES: Mapping[str, str] = {
    "line": "address_line",
    "city": "city",
    "region": "region",
    "postcode": "postcode",
    "country": "country",
}


def person_model(attributes: Iterable[str]) -> dict[str, Any] | None:
    """The default model and what it lacks for `attributes`; None when it lacks nothing.

    `attributes` are those that the specs map, the default model's own among them.
    """
    wanted = set(attributes)
    model: dict[str, Any] = {section: {} for section in SECTIONS}
    model["guards"] = []
    for name, extra in vocabulary()["extras"].items():
        if name in wanted:
            _add_extra(model, name, extra)
    said = {section: content for section, content in model.items() if content}
    return {"extends": "default", **said} if said else None


def _add_extra(model: dict[str, Any], name: str, extra: Mapping[str, Any]) -> None:
    kind = str(extra.get("kind", "text"))
    model["comparisons"][name] = _comparison(name, kind, extra)
    if extra.get("default"):
        return
    model["standardise"][name] = _standardiser(name, kind)
    model["survivorship"][name] = {"attributes": name, "rules": list(RULES[kind])}
    model["blocking"] |= _person_blocking(name, kind, bool(extra.get("blocks")))
    if kind in ("email", "phone"):
        model["fan_out"][name] = FAN_OUT
    if extra.get("instead"):
        model["guards"].append(
            {
                "comparison": name,
                "unless": ["dob"],
                "outweighed_by": 12,
                "reason": f"two different values of {name}",
            }
        )


def _comparison(name: str, kind: str, extra: Mapping[str, Any]) -> dict[str, Any]:
    comparison: dict[str, Any] = {"kind": extra.get("comparison", kind), "of": name}
    settings = dict(extra.get("settings", {}))
    if kind == "identifier":
        settings["shared_with"] = extra.get("shared_with", SHARED_WITH)
    return comparison | ({"settings": settings} if settings else {})


def _standardiser(name: str, kind: str) -> dict[str, Any]:
    if kind == "phone":
        attributes = {"phone": name, "country": "country"}
    else:
        attributes = {{"person_name": "full"}.get(kind, kind): name}
    several = {"many": True} if kind in ("identifier", "email", "phone") else {}
    return {"kind": kind, "attributes": attributes, **several}


def _person_blocking(name: str, kind: str, blocks: bool) -> dict[str, list[str]]:
    """Rules that find pairs by what points at a person; texts only together with a name."""
    words = name.replace("_", " ")
    if kind in ("identifier", "email", "phone"):
        return {words: [f"list:{name}"]}
    if kind == "person_name":
        return {words: [f"{name}_letters"]}
    if name == "birth_name":
        return {f"{words} and given name": [f"{name}_key", "name_given_key"]}
    if not blocks:
        return {}
    return {
        f"{words} and family name": [f"{name}_key", "name_family_key"],
        f"{words} and given name": [f"{name}_key", "name_given_key"],
    }


def thing_model(attributes: Sequence[str]) -> dict[str, Any]:
    """A whole model for what is no person, over `attributes` of headings.yml's things.

    It links only what is nearly certain: whether a source holds nothing twice, which would be
    the strongest evidence, cannot be told from its columns.
    """
    things = vocabulary()["things"]
    main = next(name for name in things["named"] if name in attributes)
    model: dict[str, Any] = {"entity": "thing"}
    model |= {section: {} for section in ("standardise", "comparisons", "blocking")}
    survivorship: dict[str, Any] = {}
    for name in attributes:
        if name in ADDRESS_ROLES.values():
            continue
        entry = things["attributes"].get(name) or vocabulary()["extras"].get(name) or {"kind": name}
        kind = str(entry["kind"])
        model["standardise"][name] = _thing_standardiser(name, kind, attributes)
        model["comparisons"][name] = _comparison(name, kind, entry)
        survivorship[name] = {"attributes": name, "rules": list(RULES[kind])}
        model["blocking"] |= _thing_blocking(name, kind, name == main)
    _add_address(model, survivorship, main, attributes)
    model["refine_by"] = _refining(model, main)
    model["thresholds"] = {"link": 0.99, "clerical": 0.5}
    model["guards"] = _thing_guards(model["comparisons"], main)
    model["survivorship"] = survivorship
    return model


def _thing_standardiser(name: str, kind: str, attributes: Sequence[str]) -> dict[str, Any]:
    standardiser = _standardiser(name, kind)
    if kind == "phone" and "country" not in attributes:
        standardiser["attributes"].pop("country")
    return standardiser


def _thing_blocking(name: str, kind: str, main: bool) -> dict[str, list[str]]:
    words = name.replace("_", " ")
    if kind in ("identifier", "email", "phone"):
        return {words: [f"list:{name}"]}
    if main:
        return {
            words: [f"{name}_key"],
            f"two words of the {words}": [f"list:{name}_word_pairs"],
        }
    return {f"two words of the {words}": [f"list:{name}_word_pairs"]} if name == "authors" else {}


def _add_address(
    model: dict[str, Any], survivorship: dict[str, Any], main: str, attributes: Sequence[str]
) -> None:
    roles = {role: name for role, name in ADDRESS_ROLES.items() if name in attributes}
    if not set(roles) & {"line", "city", "postcode"}:
        return
    model["standardise"]["address"] = {"kind": "address", "attributes": roles}
    model["comparisons"]["address"] = {"kind": "address", "of": "address"}
    survivorship["address"] = {
        "attributes": list(roles.values()),
        "rules": ["most_complete", "most_frequent", "most_recent"],
    }
    if "line" in roles:
        model["blocking"]["street and number"] = ["address_key"]
    if "postcode" in roles:
        model["blocking"][f"postcode and a word of the {main}"] = [
            "address_postcode",
            f"list:{main}_each_word",
        ]


def _thing_guards(comparisons: Mapping[str, Any], main: str) -> list[dict[str, Any]]:
    """One maker, place or publisher has many things: what they share is no proof.

    A rare shared value may outweigh another name, but two clearly different years never are one.
    """
    guards: list[dict[str, Any]] = [
        {"comparison": main, "outweighed_by": 12, "reason": f"clearly different {main}s"}
    ]
    if "authors" in comparisons:
        guards.append(
            {"comparison": "authors", "outweighed_by": 12, "reason": "clearly different authors"}
        )
    if "year" in comparisons:
        guards.append({"comparison": "year", "reason": "two clearly different years"})
    return guards


def _refining(model: Mapping[str, Any], main: str) -> list[str]:
    """Columns of which one must agree as well where a block is too large to compare whole."""
    columns = []
    for name, standardiser in model["standardise"].items():
        kind = standardiser["kind"]
        if kind in ("phone", "email", "identifier"):
            columns.append(f"list:{name}")
        elif kind == "number":
            columns.append(f"{name}_number")
        elif kind == "address":
            columns += ["address_city_key", "address_postcode"]
        elif kind == "text" and name != main:
            columns.append(f"{name}_key")
    return [*columns, f"{main}_key"]
