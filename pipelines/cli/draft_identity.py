"""Which column of a table of people says what about a customer, from headings and values."""

from collections.abc import Mapping, Sequence

import polars as pl

from pipelines.cli.column_look import doubt, look_at, telephones_of
from pipelines.cli.found import UNKNOWN, Found
from pipelines.cli.headings import (
    concepts_of,
    contact_of,
    country_of,
    is_listed,
    known_headings,
    tokens_of,
    vocabulary,
)

Claims = dict[str, list[str]]
"""Concept -> headings that hold it, as delivered."""
LEAST_SHARE: Mapping[str, float] = {"text": 0.05, "number": 0.05, "person_name": 0.01}
"""Share of rows with a value from which a comparison of its own is worth its time, by kind."""
MOST_TELEPHONES = 0.7
BIRTH_PARTS = ("birth_year", "birth_month", "birth_day")


def identity_of_people(rows: pl.DataFrame, passed_over: Sequence[str] = ()) -> Found:
    """The customer attributes that the columns of `rows` hold; `passed_over` are left alone."""
    headings = [each for each in rows.columns if each not in passed_over]
    found = Found(looks={each: look_at(rows[each]) for each in headings})
    claims = _claims(headings, found)
    _settle_names(claims, rows)
    _settle_places(claims, rows, found)
    _settle_contacts(claims, found)
    _settle_birth(claims, rows, found)
    for attribute, joined in _joined(claims).items():
        found.take(attribute, joined)
    for attribute in (*vocabulary()["attributes"], *vocabulary()["extras"]):
        if attribute not in found.identity and attribute in claims:
            _take_first(attribute, claims[attribute], found)
    _settle_country(found)
    _explain_rest(claims, found)
    found.remarks += _lacking(found.identity)
    if "phone" in found.identity:
        _settle_telephones(headings, found)
    return found


def _claims(headings: Sequence[str], found: Found) -> Claims:
    """What each heading stands for and its values do not speak against."""
    claims: Claims = {}
    for heading in headings:
        if is_listed(heading, "sensitive"):
            found.left_out[heading] = "protected, or a secret; map it only if you may"
            continue
        foreseen = concepts_of(heading)
        contact = contact_of(heading)
        concepts = foreseen or ([contact] if contact else [])
        doubts = {concept: doubt(concept, found.looks[heading]) for concept in concepts}
        concept = next((each for each in concepts if doubts[each] is None), None)
        if concept is None:
            found.left_out[heading] = next(iter(doubts.values()), None) or UNKNOWN
            continue
        claims.setdefault(concept, []).append(heading)
        if not foreseen and found.looks[heading].filled:
            found.remarks.append(f"{heading} was taken for a customer's {concept}")
    return {
        concept: sorted(named, key=lambda heading: found.looks[heading].filled == 0)
        for concept, named in claims.items()
    }


def _settle_names(claims: Claims, rows: pl.DataFrame) -> None:
    """`name` beside a first name alone is the family name; a lone `nom` of two words is not."""
    first = {concept: rows[headings[0]] for concept, headings in claims.items()}
    parts = {"full_name", "given_name", "family_name"} & set(claims)
    if parts == {"full_name", "given_name"}:
        if _share_of_several_words(first["full_name"]) < 0.3:
            claims["family_name"] = claims.pop("full_name")
    elif parts == {"family_name"} and _share_of_several_words(first["family_name"]) > 0.6:
        claims["full_name"] = claims.pop("family_name")
    names = [first[part] for part in parts]
    for rendering in ("native_name", "latin_name"):
        if rendering in claims and _instead_of(first[rendering], names):
            whole = "other_script" if "full_name" in claims else "full_name"
            claims.setdefault(whole, []).extend(claims.pop(rendering))


def _instead_of(rendering: pl.Series, names: Sequence[pl.Series]) -> bool:
    """Whether the rows that have this name hardly ever have another: it is then their name."""
    there = rendering.is_not_null() & (rendering.str.strip_chars() != "")
    if not there.any():
        return False
    both = sum(
        int((there & name.is_not_null() & (name.str.strip_chars() != "")).sum()) for name in names
    )
    return both < 0.1 * int(there.sum())


def _share_of_several_words(column: pl.Series) -> float:
    share = column.drop_nulls().str.strip_chars().str.contains(r"\s|^\p{Han}{2,}$").mean()
    return share if isinstance(share, float) else 0.0


def _settle_places(claims: Claims, rows: pl.DataFrame, found: Found) -> None:
    """A suburb is the town where there is no other; a Chinese district opens the address line."""
    lines = claims.get("address_line", [])
    if len(lines) > 1:
        claims["address_line"] = _without_repeated_lines(lines, claims, rows)
    districts = claims.get("district", [])
    if districts and "city" not in claims and doubt("city", found.looks[districts[0]]) is None:
        claims["city"] = claims.pop("district")
    elif districts and lines and found.looks[districts[0]].matching(r"[\u4e00-\u9fff]") > 0.5:
        claims["address_line"] = [*claims.pop("district"), *claims["address_line"]]
    for line in lines:
        if line not in claims["address_line"]:
            found.left_out[line] = "repeats the other address columns"


def _without_repeated_lines(lines: list[str], claims: Claims, rows: pl.DataFrame) -> list[str]:
    """The lines without those that write the others out again, or the whole where parts lack."""
    whole = [
        line
        for line in lines
        if any(_contains(rows, line, other) for other in lines if other != line)
    ]
    parts = [line for line in lines if line not in whole]
    if not whole or not parts:
        return lines
    return parts if {"city", "postcode"} & set(claims) else whole[:1]


def _contains(rows: pl.DataFrame, whole: str, part: str) -> bool:
    """Whether the whole holds the part's value in most rows that have both, a tenth at least."""
    both = rows.select(whole=pl.col(whole), part=pl.col(part).str.strip_chars()).filter(
        pl.col("whole").is_not_null() & (pl.col("part") != "")
    )
    if both.height < 0.1 * rows.height or both.is_empty():
        return False
    longer = pl.col("whole").str.len_chars() > pl.col("part").str.len_chars()
    held = both.select((pl.col("whole").str.contains(pl.col("part"), literal=True) & longer).mean())
    return float(held.item()) > 0.5


def _settle_contacts(claims: Claims, found: Found) -> None:
    """The first email and telephone, mobile before others; the next one is a second contact."""
    preferred = set(known_headings("preferred"))
    for contact in ("email", "phone"):
        second = f"second_{contact}"
        ordered = sorted(
            claims.get(contact, []),
            key=lambda heading: not preferred & {*tokens_of(heading), "".join(tokens_of(heading))},
        )
        everything = [*ordered, *claims.pop(second, [])]
        claims.pop(contact, None)
        if everything:
            claims[contact] = everything[:1]
        if len(everything) > 1:
            claims[second] = everything[1:2]
        for heading in everything[2:]:
            found.left_out[heading] = f"there are two {contact} columns before it"


def _settle_birth(claims: Claims, rows: pl.DataFrame, found: Found) -> None:
    """A date of birth in parts; an age only where it says more than the date does."""
    if "date_of_birth" in claims:
        for part in BIRTH_PARTS:
            for heading in claims.pop(part, []):
                found.left_out[heading] = f"{claims['date_of_birth'][0]} says more"
    elif "birth_year" in claims:
        complete = "birth_month" in claims
        parts = BIRTH_PARTS if complete else BIRTH_PARTS[:1]
        claims["date_of_birth"] = [claims[part][0] for part in parts if part in claims]
    if "date_of_birth" not in claims:
        return
    birth = claims["date_of_birth"][0]
    for heading in claims.get("age", [])[:1]:
        aged = rows.filter(pl.col(heading).is_not_null())
        if aged.height and aged[birth].null_count() < 0.1 * aged.height:
            found.left_out[heading] = f"{birth} says more"
            del claims["age"]


def _joined(claims: Claims) -> dict[str, list[str]]:
    """Attributes made of several columns, in the order in which they are joined."""
    parts = {
        name: item["of"]
        for name, item in vocabulary()["parts"].items()
        if name in claims and name not in BIRTH_PARTS
    }
    joined: dict[str, list[str]] = {}
    for attribute in ("full_name", "given_name", "family_name", "address_line", "date_of_birth"):
        if attribute in claims:
            one = attribute.endswith("_name")
            joined[attribute] = claims[attribute][:1] if one else list(claims[attribute])
            for part, whole in parts.items():
                joined[attribute] += claims[part] if whole == attribute else []
    if "date_of_birth" in joined and not set(BIRTH_PARTS) & set(claims):
        joined["date_of_birth"] = joined["date_of_birth"][:1]
    return joined


def _take_first(attribute: str, headings: Sequence[str], found: Found) -> None:
    extra = vocabulary()["extras"].get(attribute, {})
    look = found.looks[headings[0]]
    least = extra.get("at_least", LEAST_SHARE.get(extra.get("kind", ""), 0.0))
    if extra.get("headings") and not look.filled:
        found.left_out[headings[0]] = "empty in the rows looked at"
    elif extra.get("headings") and look.share_filled < least:
        found.left_out[headings[0]] = f"filled in {look.share_filled:.1%} of the rows only"
    else:
        found.take(attribute, headings[:1])


def _settle_country(found: Found) -> None:
    """A country without an address, or by names nobody reads, is compared as it is written."""
    if "country" not in found.identity or "nationality" in found.identity:
        return
    from resolution.standardise.countries import country_code

    (heading,) = found.identity["country"]
    read = found.looks[heading].share(lambda value: country_code(value) is not None)
    addressed = {"address_line", "city", "region", "postcode"} & set(found.identity)
    if found.looks[heading].distinct > 1 and (not addressed or read < 0.5):
        found.take("nationality", [heading])
        found.remarks.append(f"{heading} is compared as it is written, as a nationality")


def _explain_rest(claims: Claims, found: Found) -> None:
    mapped = found.mapped
    for concept, headings in claims.items():
        whole = vocabulary()["parts"].get(concept, {}).get("of", concept)
        for heading in headings:
            if heading not in mapped and heading not in found.left_out:
                taken = found.identity.get(whole)
                found.left_out[heading] = (
                    f"{whole} is taken from {taken[0]}" if taken else f"no {whole} to go with it"
                )


def _lacking(identity: Mapping[str, Sequence[str]]) -> list[str]:
    """What a steward should look at, since the columns found say little."""
    telling = {"email", "phone", "national_id", "date_of_birth", "address_line", "loyalty_id"}
    remarks = []
    if not {"full_name", "family_name"} & set(identity):
        remarks.append("no heading was taken for a name")
    if not (telling | set(vocabulary()["extras"])) & set(identity):
        remarks.append("no heading was taken for an email, phone, birth date, address or number")
    return remarks


def _settle_telephones(headings: Sequence[str], found: Found) -> None:
    """The country of telephones, where the headings' language and most numbers agree on one."""
    (heading,) = found.identity["phone"]
    country = country_of(headings)
    if country and telephones_of(country, found.looks[heading]) >= MOST_TELEPHONES:
        found.country = country
        found.remarks.append(f"telephones without their country are read as of {country}")
    else:
        found.remarks.append(
            "add `country: XX` to the spec if telephones are written without their country"
        )
