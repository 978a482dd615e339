"""What a heading stands for: the vocabulary of headings.yml, asked word by word."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml

HEADINGS = Path(__file__).with_name("headings.yml")
MISSPELT_MINIMUM = 0.88
"""Least likeness (0 to 1) to a known heading; 0.88 takes `emial`, and not `state` for `date`."""
LETTERS_MINIMUM = 5
"""Shorter headings must be exact: among three letters everything is alike."""
UNDECOMPOSED = str.maketrans("łøđı", "lodi")
"""Letters whose marks Unicode does not take apart from them."""


@cache
def vocabulary() -> Mapping[str, Any]:
    """The content of headings.yml."""
    content: Mapping[str, Any] = yaml.safe_load(HEADINGS.read_text(encoding="utf-8"))
    return content


def known_headings(kind: str) -> Sequence[str]:
    """The headings listed under `kind` in headings.yml."""
    return tuple(vocabulary()[kind])


def concepts_of(heading: str) -> list[str]:
    """What a heading may stand for, likeliest first: attributes, parts and extras of headings.yml.

    Empty when nothing is known that is called so.
    """
    return _concepts(heading, _owners())


def thing_concepts_of(heading: str) -> list[str]:
    """The same for tables of what is no person: attributes below `things`, and the shared ones."""
    return _concepts(heading, _thing_owners())


def contact_of(heading: str) -> str | None:
    """`email` or `phone` for a heading that ends so behind words nobody foresaw (`web_email`).

    None where one of the words says that it is somebody else's.
    """
    tokens = tokens_of(heading)
    others = set(vocabulary()["others"])
    if len(tokens) < 2 or others & set(tokens):
        return None
    for attribute in ("email", "phone"):
        if tokens[-1] in vocabulary()["attributes"][attribute]:
            return attribute
    return None


def country_of(headings: Sequence[str]) -> str | None:
    """The country whose language most headings are in, two at least (ISO 3166-1 alpha-2).

    None when there is none or two are as likely; of English and Chinese nothing is known.
    """
    words = {normalised(heading) for heading in headings}
    counts = {
        country: len(words & set(listed)) for country, listed in vocabulary()["languages"].items()
    }
    best, second = sorted(counts.values(), reverse=True)[:2]
    if best < 2 or best == second:
        return None
    return str(next(country for country, count in counts.items() if count == best))


def is_listed(heading: str, kind: str) -> bool:
    """Whether the heading is one of those below `kind`, with or without a qualifier."""
    return bool(set(_readings(heading)) & set(known_headings(kind)))


def normalised(heading: str) -> str:
    """Letters and digits alone, of one width and case, without accents."""
    return "".join(tokens_of(heading))


def tokens_of(heading: str) -> list[str]:
    """The words of a heading: split at signs, at changes of case and before digits."""
    text = unicodedata.normalize("NFKC", heading)
    split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", text)
    split = re.sub(r"(?<=[^\W\d_])(?=\d+\b)", " ", split)
    plain = unicodedata.normalize("NFKD", split.casefold().translate(UNDECOMPOSED))
    kept = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return re.findall(r"[^\W_]+", kept)


def _concepts(heading: str, owners: Mapping[str, Sequence[str]]) -> list[str]:
    found = [concept for word in _readings(heading) for concept in owners.get(word, ())]
    return list(dict.fromkeys(found)) or _nearest(normalised(heading), owners)


def _readings(heading: str) -> Iterator[str]:
    """The heading joined, then with ever more of the words around it left out."""
    tokens = tokens_of(heading)
    qualifiers, endings = set(vocabulary()["qualifiers"]), set(vocabulary()["endings"])
    starts = [0]
    while starts[-1] < len(tokens) - 1 and tokens[starts[-1]] in qualifiers:
        starts.append(starts[-1] + 1)
    ends = [len(tokens)]
    while ends[-1] > 1 and (tokens[ends[-1] - 1] in endings or tokens[ends[-1] - 1].isdigit()):
        ends.append(ends[-1] - 1)
    spans = [(start, end) for start in starts for end in ends if start < end]
    for start, end in sorted(spans, key=lambda span: span[0] - span[1]):
        yield "".join(tokens[start:end])
    whole = "".join(tokens)
    for word in vocabulary()["qualifiers"]:
        if whole.startswith(word) and whole != word:
            yield whole.removeprefix(word)


def _nearest(word: str, owners: Mapping[str, Sequence[str]]) -> list[str]:
    """The concepts of the heading most like `word`, where it is like enough."""
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    if len(word) < LETTERS_MINIMUM:
        return []
    found = process.extractOne(
        word,
        [known for known in owners if len(known) >= LETTERS_MINIMUM],
        scorer=OSA.normalized_similarity,
        score_cutoff=MISSPELT_MINIMUM,
        processor=None,
    )
    return list(owners[found[0]]) if found else []


@cache
def _owners() -> Mapping[str, Sequence[str]]:
    """Heading, normalised -> what it may stand for."""
    known = vocabulary()
    listed = dict(known["attributes"])
    for section in ("parts", "extras"):
        listed |= {
            name: item["headings"] for name, item in known[section].items() if "headings" in item
        }
    return _turned(listed)


@cache
def _thing_owners() -> Mapping[str, Sequence[str]]:
    known = vocabulary()
    listed = {name: item["headings"] for name, item in known["things"]["attributes"].items()}
    for name in known["things"]["shared"]:
        extra = known["extras"].get(name, {}).get("headings")
        listed[name] = extra or known["attributes"][name]
    return _turned(listed)


def _turned(listed: Mapping[str, Sequence[str]]) -> Mapping[str, Sequence[str]]:
    owners: dict[str, list[str]] = {}
    for concept, headings in listed.items():
        for heading in dict.fromkeys((*headings, concept.replace("_", ""))):
            owners.setdefault(heading, []).append(concept)
    return owners
