"""Where the sample's people live, and how they write it."""

from dataclasses import dataclass

import numpy as np

from sources.sample import slips
from sources.sample.dice import Dice, Flags, Texts, Whole, texts, where
from sources.sample.words import listing


@dataclass
class Homes:
    """Dwellings, one position a dwelling."""

    country: Texts
    place: Whole
    """Position in lists/places.csv."""
    district: Texts
    road: Whole
    """Position in the country's list of roads."""
    estate: Whole
    number: Whole
    building: Whole
    unit: Whole
    room: Whole
    street_kind: Texts
    flat: Flags
    """Whether it is one of several in its building; Chinese ones always are."""
    postcode: Texts

    def take(self, which: Whole) -> "Homes":
        """The dwellings at these positions, in their order."""
        return Homes(**{name: column[which] for name, column in vars(self).items()})


_KINDS = {"US": ("Street", "Avenue", "Road", "Drive", "Lane", "Boulevard", "Court", "Place")}
_KINDS["GB"] = ("Street", "Road", "Lane", "Close", "Avenue", "Crescent", "Gardens", "Terrace")
_SHORT = {
    "Street": "St", "Avenue": "Ave", "Road": "Rd", "Drive": "Dr", "Lane": "Ln",
    "Boulevard": "Blvd", "Court": "Ct", "Place": "Pl", "Close": "Cl", "Crescent": "Cres",
    "Gardens": "Gdns", "Terrace": "Ter",
}  # fmt: skip


def draw_homes(dice: Dice, country: Texts) -> Homes:
    """A dwelling in each of the countries given (CN, US, GB)."""
    count = len(country)
    places = listing("places")
    place = np.zeros(count, dtype=np.int64)
    kind = np.full(count, None, dtype=object)
    for code in ("CN", "US", "GB"):
        here = np.flatnonzero(country == code)
        place[here] = dice.pick(places.weights * (places["country"] == code), len(here))
        kind[here] = dice.choose(_KINDS.get(code, ("路", "街", "大道")), len(here))
    chosen = dice.random.random(count)
    district = [
        parts[int(draw * len(parts))] if (parts := listed.split()) else None
        for listed, draw in zip(places["districts"][place], chosen, strict=True)
    ]
    roads = np.where(
        country == "CN",
        len(listing("roads_chinese")["road"]),
        len(listing("streets_english")["street"]),
    )
    floor, door = dice.between(1, 28, count), dice.between(1, 4, count)
    return Homes(
        country=country,
        place=place,
        district=texts(district),
        road=(dice.random.random(count) * roads).astype(np.int64),
        estate=dice.between(0, 19, count),
        number=dice.between(1, 400, count),
        building=dice.between(1, 30, count),
        unit=dice.between(1, 4, count),
        room=np.where(country == "CN", floor * 100 + door, dice.between(1, 60, count)),
        street_kind=kind,
        flat=(country == "CN") | dice.share(0.3, count),
        postcode=_postcodes(dice, country, places["postcode_stem"][place]),
    )


def _postcodes(dice: Dice, country: Texts, stem: Texts) -> Texts:
    count = len(country)
    hundred, digit = dice.between(0, 99, count), dice.between(1, 9, count)
    pair = dice.choose(list("ABDEFGHJLNPQRSTUWXYZ"), count) + dice.choose(
        list("ABDEFGHJLNPQ"), count
    )
    return texts(
        [
            f"{start}{number:02d}0"
            if code == "CN"
            else f"{start}{number:02d}"
            if code == "US"
            else f"{start}{number % 20 + 1} {inward}{letters}"
            for code, start, number, inward, letters in zip(
                country, stem, hundred, digit, pair, strict=True
            )
        ]
    )


@dataclass
class WrittenAddresses:
    """Addresses as typed, one position a writing."""

    line: Texts
    city: Texts
    region: Texts
    postcode: Texts
    country: Texts


def write_addresses(dice: Dice, homes: Homes, latin: Flags) -> WrittenAddresses:
    """The addresses as they were typed, errors included; `latin`: not in Chinese characters."""
    count = len(homes.country)
    places = listing("places")
    place = homes.place
    chinese = (homes.country == "CN") & ~latin
    style = dice.between(0, 9, count)
    city = where(chinese, places["city"][place], places["city_latin"][place])
    region = where(chinese, places["region"][place], places["region_latin"][place])
    short = chinese & (style % 3 == 0)
    region = where(
        short | (homes.country == "US") & (style < 7), places["region_short"][place], region
    )
    line = texts(
        [_line(parts, form) for parts, form in zip(_parts(homes, latin), style, strict=True)]
    )
    whole = chinese & (style >= 8)  # province and city once more, within the line
    municipal = places["region_short"][place] + np.full(count, "市", dtype=object) == city
    line[whole] = where(municipal, "", region)[whole] + city[whole] + line[whole]
    trimmed = texts([name.removesuffix("市") for name in city])
    city = where(chinese & dice.share(0.4, count), trimmed, city)
    region[(homes.country == "GB") & dice.share(0.6, count)] = None
    region[chinese & dice.share(0.15, count)] = None
    postcode = homes.postcode.copy()
    postcode[(homes.country == "CN") & dice.share(0.5, count)] = None
    compact = (homes.country == "GB") & dice.share(0.15, count)
    postcode[compact] = texts([code.replace(" ", "").lower() for code in postcode[compact]])
    for column, name, slip in (
        (line, "address_typo", slips.mistype),
        (line, "full_width", slips.full_width),
        (postcode, "postcode_typo", slips.wrong_digit),
    ):
        dice.spoil(column, name, slip)
    return WrittenAddresses(line, city, region, postcode, _write_countries(dice, homes, latin))


def _write_countries(dice: Dice, homes: Homes, latin: Flags) -> Texts:
    count = len(homes.country)
    spelt = {
        "CN": ["CN", "China", "中国", "CHN", None],
        "US": ["US", "USA", "United States", "U.S.A.", None],
        "GB": ["GB", "UK", "United Kingdom", "England", None],
    }
    drawn = dice.pick([6, 2, 1, 0.3, 1], count)
    return texts(
        [
            spelt[code][1 if roman and form == 2 and code == "CN" else form]
            for code, form, roman in zip(homes.country, drawn, latin, strict=True)
        ]
    )


def _parts(homes: Homes, latin: Flags) -> list[tuple[str, ...]]:
    """For each dwelling its kind of writing and the words of its line, as text."""
    roads, streets = listing("roads_chinese"), listing("streets_english")
    parts: list[tuple[str, ...]] = []
    for row, code in enumerate(homes.country):
        road = homes.road[row]
        rest = (str(homes.number[row]), str(homes.building[row]), str(homes.unit[row]))
        tail = (
            *rest,
            str(homes.room[row]),
            homes.street_kind[row],
            "flat" if homes.flat[row] else "",
        )
        if code != "CN":
            parts.append((code, streets["street"][road], "", "", *tail))
        elif latin[row]:
            estate = roads["estate_latin"][homes.estate[row]]
            parts.append(("pinyin", roads["latin"][road], homes.district[row], estate, *tail))
        else:
            estate = roads["estate"][homes.estate[row]]
            parts.append(("CN", roads["road"][road], homes.district[row], estate, *tail))
    return parts


def _line(parts: tuple[str, ...], style: int) -> str:
    script, road, district, estate, number, building, unit, room, kind, flat = parts
    if script == "CN":
        where_to = f"{district}{road}{kind}{number}号"
        doors = (
            f"{building}栋{unit}单元{room}室",
            f"{building}号楼{unit}单元{room}",
            f"{building}幢{unit}-{room}",
        )
        return f"{where_to}{estate if style % 2 else ''}{doors[style % 3]}"
    if script == "pinyin":
        way = {"路": "Road", "街": "Street"}.get(kind, "Avenue")
        return f"Room {room}, Unit {unit}, Building {building}, No. {number} {road} {way}"
    way = _SHORT[kind] if style < 4 else kind
    if not flat:
        return f"{number} {road} {way}{'.' if style == 0 else ''}"
    if script == "GB":
        return f"Flat {room}, {number} {road} {way}"
    return f"{number} {road} {way}{(', Apt ', ' Apt ', ' #', ' Unit ')[style % 4]}{room}"
