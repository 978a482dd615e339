"""Identifiers and units that must not be mixed up, and the form of a lasting entity id."""

import hashlib
from typing import NewType

EntityId = NewType("EntityId", str)
"""A lasting identity, `C-` + 12 characters + a check character; never reused."""

ClusterId = NewType("ClusterId", int)
"""One connected group of records in one run; means nothing outside that run."""

RecordId = NewType("RecordId", int)
"""A record's number within one run, dense from 0."""

MatchWeight = NewType("MatchWeight", float)
"""log2 of a Bayes factor, prior included."""

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no I, L, O, U
_BODY = 12  # 60 bits: among 10 million entities a collision has odds of about 1 to 23,000


def mint_entity_id(founder: str, attempt: int = 0) -> EntityId:
    """The id of an entity founded by the record `founder` ("source/source_record_id").

    The same founder gives the same id on every machine. `attempt` is raised by the caller
    when the id was issued before.
    """
    digest = hashlib.sha256(f"{attempt}/{founder}".encode()).digest()
    number = int.from_bytes(digest[:8], "big")
    body = "".join(ALPHABET[(number >> (5 * place)) & 31] for place in range(_BODY))
    return EntityId(f"C-{body}{check_character(body)}")


def check_character(body: str) -> str:
    """Weighted sum modulo 31: catches every single wrong character and every swap of neighbours."""
    total = sum((place + 1) * ALPHABET.index(letter) for place, letter in enumerate(body))
    return ALPHABET[total % 31]


def is_entity_id(text: str) -> bool:
    """Whether `text` has the form of an entity id, its check character included."""
    body = text[2:-1]
    return (
        text.startswith("C-")
        and len(body) == _BODY
        and all(letter in ALPHABET for letter in body)
        and check_character(body) == text[-1]
    )
