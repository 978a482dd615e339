"""The columns of one record that is asked about, equal to those that a run would give it.

A run works a column at a time; for one record that takes fifty times as long as asking its values
themselves. What is said twice here and in resolution.records (making, match_keys, value_keys) is
held together by tests over every kind of value.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from resolution.lookup.name_columns import name_columns
from resolution.lookup.value_columns import BARE, DERIVED
from resolution.model import CustomerModel, Standardiser
from resolution.records.making import KEPT
from resolution.records.match_keys import says_more
from resolution.records.standard_parts import MATCHED
from resolution.standardise import KINDS
from resolution.standardise.one import ONE

Columns = dict[str, Any]
"""Column of a record -> its value: text, date, number, True, a list of texts, or None."""


@dataclass(frozen=True)
class Reading:
    """How written values become a record."""

    model: CustomerModel
    countries: Mapping[str, str]
    """Source -> the country of values that do not say theirs."""
    self_chosen: Mapping[str, frozenset[str]]
    """Source -> attributes that people make up there."""
    crowded: Mapping[str, frozenset[str]]
    """Standardiser -> values that too many people share to be evidence."""
    own_keys: Mapping[str, frozenset[str]]
    """Source -> attributes that are only its rows' own keys (an order's number)."""
    referred: Mapping[str, frozenset[str]]
    """Standardiser -> keys that rows of other sources refer to; no other own key is evidence."""

    @cached_property
    def _nothing(self) -> dict[str, Columns]:
        """The columns of each standardiser of which nothing is said."""
        return {name: self._read(name, x, {}) for name, x in self.model.standardise.items()}

    def attributes(self) -> list[str]:
        """Every attribute that is read, in order."""
        items = self.model.standardise.values()
        return sorted({name for item in items for name in item.attributes.values()})

    def columns(self, written: Mapping[str, str | None], source: str | None = None) -> Columns:
        """The record that `source` (any, where it is not named) would deliver with these values.

        `written`: canonical attribute -> value as written; attributes that are not read are
        passed over.
        """
        own_keys = self.own_keys.get(source or "", frozenset())
        said = {
            name: text.strip() or None
            for name, text in written.items()
            if text and name not in own_keys
        }
        country = said.get("country") or self.countries.get(source or "")
        found: Columns = {}
        for name, item in self.model.standardise.items():
            found |= self._parts(name, item, said, country)
            if item.kind == "person_name":
                chosen = self.self_chosen.get(source or "", frozenset())
                loose = not chosen.isdisjoint(item.attributes.values())
                found[f"{name}_self_chosen"] = True if loose else None
        for name in self.referred:
            attribute = self.model.standardise[name].attributes["identifier"]
            if attribute in own_keys and (key := written.get(attribute)) in self.referred[name]:
                found[name] = [key]
        self._add_own_email_names(found)
        self._leave_out_crowded(found)
        for name, item in self.model.standardise.items():
            if item.kind in BARE:
                suffix, bare = BARE[item.kind]
                values = found[name]
                found[f"{name}_{suffix}"] = values and sorted({bare(value) for value in values})
        return found

    def _parts(
        self, name: str, item: Standardiser, said: Mapping[str, str | None], country: str | None
    ) -> Columns:
        """One standardiser's columns."""
        named = {"country": country}
        roles = {
            role: named[role] if role in named else said.get(attribute)
            for role, attribute in item.attributes.items()
        }
        if not any(roles.values()):
            return self._nothing[name]
        return self._read(name, item, roles)

    @staticmethod
    def _read(name: str, item: Standardiser, roles: Mapping[str, str | None]) -> Columns:
        """One standardiser's columns. `roles`: role -> written value."""
        kind = KINDS[item.kind]
        answer = ONE[item.kind](*(roles.get(role) for role in kind.roles))
        parts = dict(zip(kind.schema, answer, strict=True))
        found: Columns = {f"{name}_{part}": parts[part] for part in KEPT[item.kind]}
        if item.kind in MATCHED:
            value = parts[MATCHED[item.kind]]
            found |= {name: [value] if value is not None else None, f"{name}_first": value}
        if item.kind == "person_name":
            found |= name_columns(name, parts)
        elif item.kind in DERIVED:
            found |= {f"{name}_{key}": x for key, x in DERIVED[item.kind](parts).items()}
        return found

    def _add_own_email_names(self, found: Columns) -> None:
        """See resolution.records.match_keys.with_own_email_names."""
        kinds = {name: item.kind for name, item in self.model.standardise.items()}
        person = next((name for name, kind in kinds.items() if kind == "person_name"), None)
        for name in [name for name, kind in kinds.items() if kind == "email"]:
            local = found[f"{name}_local"]
            own = local
            if person is not None and local:
                parts = (found[f"{person}_{part}_key"] for part in ("given", "family"))
                own = local if says_more(local, *parts) else None
            found[f"{name}_own"] = own or (local if person is None else None)

    def _leave_out_crowded(self, found: Columns) -> None:
        """See resolution.records.shared_values.without_values."""
        for name, crowded in self.crowded.items():
            kept = [value for value in found[name] or () if value not in crowded]
            found[name] = kept or None
            if found[f"{name}_first"] in crowded:
                found[f"{name}_first"] = None
