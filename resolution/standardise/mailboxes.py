"""The mailbox behind the spelling of an email address, by providers.yml."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

import yaml

from resolution.standardise.characters import FOLDER


@dataclass(frozen=True)
class Providers:
    """The content of providers.yml."""

    rules: Mapping[str, Mapping[str, object]]
    same_mailbox: Mapping[str, str]
    providers: tuple[str, ...]
    wrong_endings: Mapping[str, str]
    real_neighbours: frozenset[str]


@cache
def providers_known() -> Providers:
    content = yaml.safe_load((FOLDER / "providers.yml").read_text(encoding="utf-8"))
    neighbours = frozenset(content.pop("real_neighbours"))
    return Providers(
        providers=tuple(content.pop("providers")), real_neighbours=neighbours, **content
    )


@lru_cache(maxsize=1 << 17)
def corrected(domain: str) -> tuple[str, bool]:
    """The domain with a slip of the finger mended and aliases joined, and whether it was mended."""
    mended = _mended(domain)
    return providers_known().same_mailbox.get(mended, mended), mended != domain


def _mended(domain: str) -> str:
    known = providers_known()
    if domain in known.providers or domain in known.real_neighbours or domain in known.rules:
        return domain
    name, _, ending = domain.rpartition(".")
    if (ended := f"{name}.{known.wrong_endings.get(ending, ending)}") in known.providers:
        return ended
    from rapidfuzz.distance import OSA

    for provider in known.providers:
        long_name = len(provider.split(".", maxsplit=1)[0]) >= 5
        if long_name and OSA.distance(domain, provider, score_cutoff=1) == 1:
            return provider
    return domain


def mailbox_of(local: str, domain: str) -> str:
    """`local` without what its provider ignores."""
    rule = providers_known().rules.get(domain)
    if rule is None:
        return local
    base = local.split(str(rule["tag"]), maxsplit=1)[0]
    base = base if rule.get("dots", True) else base.replace(".", "")
    return base or local
