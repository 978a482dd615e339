"""Who lives with whom: the households of one block, their members' sexes and births."""

from dataclasses import dataclass

import numpy as np

from sources.sample.dice import Dice, Flags, Whole

START = int(np.datetime64("2024-07-01T00:00:00", "s").astype(np.int64))
END = int(np.datetime64("2026-06-30T23:59:59", "s").astype(np.int64))
"""The sample's two years, in seconds of Unix time, UTC."""
NEVER = END + 1
DAY = 86_400

SINGLE, COUPLE, PARENT, SIBLINGS, MATES, FAMILY = range(6)


@dataclass
class Households:
    """Who lives with whom, one position a customer."""

    number: Whole
    place: Whole
    """0 for the head, then 1 to 3."""
    size: Whole
    kind: Whole
    head: Whole
    """Position of the household's head."""
    twin: Flags


def draw_households(dice: Dice, count: int) -> Households:
    """Households of one to four customers that fill `count` positions."""
    rates = dice.rates
    shares = [rates["household_two"], rates["household_three"], rates["household_four"]]
    sizes = dice.pick([1 - sum(shares), *shares], count) + 1
    starts = np.concatenate([[0], np.cumsum(sizes)])
    number = np.repeat(np.arange(count), sizes)[:count].astype(np.int64)
    head = starts[number].astype(np.int64)
    size = np.bincount(number, minlength=count)[number]
    kinds = [rates["couple"], rates["parent_and_child"], rates["siblings"]]
    two = np.array([COUPLE, PARENT, SIBLINGS, MATES])[dice.pick([*kinds, 1 - sum(kinds)], count)]
    more = np.where(dice.share(0.85, count), FAMILY, MATES)
    kind = np.select([size == 1, size == 2], [SINGLE, two[head]], more[head])
    twin = dice.happens("twins", count)[head]
    return Households(number, np.arange(count) - head, size, kind, head, twin)


def draw_sexes(dice: Dice, households: Households) -> Flags:
    """Whether each member is male; couples of two sexes but for a few."""
    male = dice.share(0.5, len(households.number))
    couple = np.isin(households.kind, (COUPLE, FAMILY))
    male[couple & (households.place == 0)] = True
    # US census 2020: about one couple in a hundred is of one sex.
    spouse = couple & (households.place == 1)
    male[spouse] = dice.share(0.01, int(spouse.sum()))
    return male


def draw_births(dice: Dice, households: Households) -> Whole:
    """Days of birth (Unix time) that fit the roles: partners near, children a generation on."""
    count = len(households.number)
    age = np.clip(18 + dice.random.gamma(2.6, 9.0, count), 18, 88)
    child = children(households)
    heads = np.isin(households.kind, (PARENT, FAMILY)) & (households.place == 0)
    age[heads] = np.clip(age[heads] + 20, 42, 88)
    parent_age = age[households.head]
    age = np.where(child, parent_age - dice.random.uniform(22, 28, count), age)
    partner = np.isin(households.kind, (COUPLE, FAMILY)) & (households.place == 1)
    age = np.where(partner, np.maximum(parent_age + dice.random.normal(-1.5, 3, count), 18), age)
    sibling = (households.kind == SIBLINGS) & (households.place == 1)
    age = np.where(sibling, parent_age + dice.random.uniform(-9, 9, count), age)
    born = (END // DAY - np.maximum(age, 16) * 365.25).astype(np.int64)
    twin = households.twin & sibling
    born[twin] = born[households.head[twin]]
    second_child = households.twin & (households.kind == FAMILY) & (households.place == 3)
    born[second_child] = born[np.flatnonzero(second_child) - 1]
    return born


def children(households: Households) -> Flags:
    """Whether each member lives with a parent who heads the household."""
    of_one = (households.kind == PARENT) & (households.place == 1)
    return np.asarray(of_one | ((households.kind == FAMILY) & (households.place >= 2)))
