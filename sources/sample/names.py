"""Names of the sample's people: drawn by frequency, and written as people write them."""

from dataclasses import dataclass

import numpy as np

from sources.sample import slips
from sources.sample.dice import Dice, Flags, Texts, Whole, present, texts, where
from sources.sample.words import Listing, catalogue, listing

HAN, TRADITIONAL, LATIN = 0, 1, 2


@dataclass
class Names:
    """Names of people, one position a person. Han columns are None for English names."""

    family: Texts
    """In Latin letters, `Zhang` or `Smith`."""
    given: Texts
    """In Latin letters, a Chinese one syllable by syllable: `Xiao Ming`."""
    family_han: Texts
    given_han: Texts
    family_traditional: Texts
    given_traditional: Texts
    middle: Texts
    title: Texts
    suffix: Texts

    def inherit_family(self, heir: Flags, of: Whole) -> None:
        """Give the people of `heir` the family name of the person `of` at their position."""
        for column in (self.family, self.family_han, self.family_traditional):
            column[heir] = column[of[heir]]


def draw_names(dice: Dice, chinese: Flags, male: Flags) -> Names:
    """A name for each person, in proportion to the lists' frequencies."""
    count = len(chinese)
    family, given = _english(dice, male)
    nothing = np.full(count, None, dtype=object)
    names = Names(family, given, *(nothing.copy() for _ in range(7)))
    has_middle = dice.happens("middle_name", count) & ~chinese
    names.middle = where(has_middle, _english_given(dice, male), nothing)
    doctor = dice.share(0.1, count)
    names.title = where(doctor, "Dr", where(male, "Mr", dice.choose(["Ms", "Mrs", "Miss"], count)))
    surnames = listing("chinese_family")
    drawn = dice.pick(surnames.weights, count)
    names.family = where(chinese, _capital(surnames["latin"][drawn]), names.family)
    names.family_han = where(chinese, surnames["han"][drawn], nothing)
    names.family_traditional = where(chinese, surnames["traditional"][drawn], nothing)
    _draw_chinese_given(dice, names, chinese, male)
    return names


def _draw_chinese_given(dice: Dice, names: Names, chinese: Flags, male: Flags) -> None:
    words = listing("chinese_given")
    women = words["women"].astype(np.float64)
    count = len(chinese)
    one = dice.happens("one_character_given_name", count)
    drawn = [
        np.where(
            male,
            dice.pick(words.weights * (1 - women), count),
            dice.pick(words.weights * women, count),
        )
        for _ in range(2)
    ]
    for column, part, space in (
        ("given_han", words["han"], ""),
        ("given_traditional", words["traditional"], ""),
        ("given", _capital(words["latin"]), " "),
    ):
        both = where(one, part[drawn[0]], part[drawn[0]] + space + part[drawn[1]])
        setattr(names, column, where(chinese, both, getattr(names, column)))


def _capital(column: Texts) -> Texts:
    return texts([text.capitalize() for text in column])


def _english(dice: Dice, male: Flags) -> tuple[Texts, Texts]:
    count = len(male)
    families, parts = listing("english_family"), listing("english_family_parts")
    ends = [end for end in parts["end"] if end]
    composed = dice.choose(parts["start"], count) + dice.choose(ends, count)
    common = dice.choose(families["name"], count, families.weights)
    family = where(dice.happens("composed_family_name", count), composed, common)
    return family, _english_given(dice, male)


def _english_given(dice: Dice, male: Flags) -> Texts:
    words = listing("english_given")
    men = words["sex"] == "M"
    return where(
        male,
        dice.choose(words["name"][men], len(male), words.weights[men]),
        dice.choose(words["name"][~men], len(male), words.weights[~men]),
    )


@dataclass
class WrittenNames:
    """Names as typed, one position a writing: in one piece and in two."""

    full: Texts
    given: Texts
    family: Texts
    script: Whole


def write_names(dice: Dice, names: Names, script: Whole) -> WrittenNames:
    """The names as they were typed, errors included.

    `names` holds one position a writing; `script` says HAN, TRADITIONAL or LATIN, which is
    what people without a Chinese name must have.
    """
    words = listing("english_given")
    chinese = present(names.family_han)
    family = np.choose(script, [names.family_han, names.family_traditional, names.family])
    given = np.choose(script, [names.given_han, names.given_traditional, names.given])
    latin = script == LATIN
    style = dice.between(0, 9, len(family))
    _write_pinyin_given(given, latin & chinese, style)
    english = latin & ~chinese
    _shorten(dice, given, english, words)
    _slip(dice, family, given, latin)
    swapped = dice.happens("name_swapped", len(family)) & present(given)
    family, given = where(swapped, given, family), where(swapped, family, given)
    full = _compose(dice, names, family, given, (script, chinese, style))
    return _letter_case(dice, WrittenNames(full, given, family, script))


def _write_pinyin_given(given: Texts, mask: Flags, style: Whole) -> None:
    for place in np.flatnonzero(mask):
        if style[place] == 9:
            given[place] = given[place].replace(" ", "-")
        elif style[place] != 8:
            given[place] = given[place].replace(" ", "").capitalize()


def _shorten(dice: Dice, given: Texts, english: Flags, words: Listing) -> None:
    nicknames = dict(zip(words["name"], words["nicknames"], strict=True))
    draws = dice.random.random(len(given))
    for place in np.flatnonzero(dice.happens("name_nickname", len(given)) & english):
        known = (nicknames.get(given[place]) or given[place]).split()
        given[place] = known[int(draws[place] * len(known))]
    for place in np.flatnonzero(dice.happens("name_initial", len(given)) & english):
        given[place] = given[place][0] + ("." if draws[place] < 0.5 else "")


def _slip(dice: Dice, family: Texts, given: Texts, latin: Flags) -> None:
    for column in (family, given):
        # Each part once: a name has two, so each gets the rate's half.
        half = dice.share(0.5, len(column))
        typed = where(latin & half, column, None)
        dice.spoil(typed, "name_typo", slips.mistype)
        column[latin & half] = typed[latin & half]
    characters = where(latin, None, given)
    dice.spoil(characters, "han_homophone", slips.homophone)
    given[~latin] = characters[~latin]
    given[dice.happens("name_given_missing", len(given))] = None


def _compose(
    dice: Dice, names: Names, family: Texts, given: Texts, form: tuple[Whole, Flags, Whole]
) -> Texts:
    script, chinese, style = form
    count = len(family)
    spaced = dice.happens("writes_spaced", count)
    family_first = chinese & np.isin(style, (0, 1, 2, 3, 7, 8))
    middle = where(dice.happens("writes_middle_initial", count), names.middle, None)
    suffix = where(dice.happens("writes_suffix", count), names.suffix, None)
    title = where(dice.happens("writes_title", count), names.title, None)
    full = np.empty(count, dtype=object)
    for place in range(count):
        first, last = given[place], family[place]
        if script[place] != LATIN:
            full[place] = f"{last}{' ' if spaced[place] else ''}{first or ''}".strip()
        elif chinese[place]:
            pinyin = (last, first) if family_first[place] else (first, last)
            full[place] = " ".join(part for part in pinyin if part)
        else:
            initial = f"{middle[place][0]}." if middle[place] else None
            parts = (title[place], first, initial, last, suffix[place])
            full[place] = " ".join(part for part in parts if part)
    shouted = (script == LATIN) & chinese & (style == 7)
    full[shouted] = texts([name.upper() for name in full[shouted]])
    return full


def _letter_case(dice: Dice, written: WrittenNames) -> WrittenNames:
    count = len(written.full)
    latin = written.script == LATIN
    for name, slip in (("name_upper", slips.upper), ("name_lower", slips.lower)):
        for place in np.flatnonzero(dice.happens(name, count) & latin):
            for column in (written.full, written.given, written.family):
                column[place] = column[place] and slip(column[place], np.zeros(3))
    dice.spoil(written.full, "name_cut", lambda text, draw: text and slips.cut(text, draw))
    dice.spoil(written.full, "full_width", slips.full_width)
    for place in np.flatnonzero(dice.happens("name_junk", count)):
        junk = catalogue()["junk"]["names"]
        written.full[place] = junk[place % len(junk)]
        written.given[place] = written.family[place] = None
    return written
