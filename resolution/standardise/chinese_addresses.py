"""Chinese address lines taken apart: province, city, district, road, number, unit."""

import re
from dataclasses import dataclass

from resolution.standardise.places import places, short_han


@dataclass(frozen=True, slots=True)
class AddressLine:
    """The parts of one address line; '' where it does not say."""

    number: str = ""
    street: str = ""
    unit: str = ""
    district: str = ""
    city: str = ""
    region: str = ""


_PROVINCE = re.compile("(?:省|(?:壮族|回族|维吾尔)?自治区|特别行政区|市)?")
# A place's name may hold 路, 街, 镇 or 乡 in its first two characters (镇江市, 路桥区), no further
# on but for the few that are named here.
_CITY = re.compile(
    r"(?:省|自治区)直辖县级行政区划|景德镇市|(?!城市)[^\d号区县]{1,2}[^\d号路街区县镇乡]{0,11}?"
    r"(?:自治州|地区|盟|市)"
)
_DISTRICT = re.compile(
    r"市辖区|让胡路区|[^\d号]{1,2}[^\d号路街镇乡]{0,11}?(?:自治[县旗]|联合旗|群岛)"
    r"|(?!城市)[^\d号]{1,2}[^\d号路街镇乡]{0,5}?(?:(?<![小社厂校院宅业景])区|县|旗|市)(?![路街巷]|大道|大街)"
)
_TOWN = re.compile(r"[^\d号路]{1,6}?(?:街道办事处|街道|镇|乡)(?=.*[路街道巷弄村胡同])")
_LANE = re.compile(r"(?P<lane>\d+)弄(?P<house>\d+)号?")
_NUMBER = re.compile(r"(?:第)?(?P<number>\d+(?:[-之]\d+)?[a-z]?)号(?!楼)")
_DIGITS = re.compile(r"[a-z]?\d+[a-z]?|[a-z](?=[座栋幢])")
_COUNTRY = re.compile("^(?:中华人民共和国|中国)")


def parse_chinese_line(line: str) -> AddressLine:
    """The parts of a line in simplified Han, without spaces; city and region in short names."""
    rest = _COUNTRY.sub("", line)
    region, rest = _taken_province(rest)
    municipality = region in ("北京", "上海", "天津", "重庆")
    city, rest = ("", rest) if municipality else _taken(_CITY, rest)
    if municipality:
        rest = rest.removeprefix(f"{region}市").removeprefix("市辖区")
        rest = re.sub(f"^县(?={_DISTRICT.pattern})", "", rest)
    district, rest = _taken(_DISTRICT, rest)
    if district == "市辖区":
        inner, rest = _taken(_DISTRICT, rest)
        district = inner
    _, rest = _taken(_TOWN, rest)
    number, street, unit = _doors(rest)
    return AddressLine(
        number=number,
        street=street,
        unit=unit,
        district=short_han(district) if district else "",
        city=region if municipality else short_han(city) if city and "直辖" not in city else "",
        region=region,
    )


def _taken_province(line: str) -> tuple[str, str]:
    for province in places().provinces:
        if line.startswith(province):
            rank = _PROVINCE.match(line, len(province))
            end = rank.end() if rank else len(province)
            named = end > len(province) or _CITY.match(line, end)
            return (province, line[end:]) if named else ("", line)
    return "", line


def _taken(pattern: re.Pattern[str], line: str) -> tuple[str, str]:
    """What `pattern` finds at the start of `line`, and the rest; nothing if no rest is left."""
    found = pattern.match(line)
    if found is None or found.end() == len(line):
        return "", line
    return found[0], line[found.end() :]


def _doors(rest: str) -> tuple[str, str, str]:
    """House number, street and unit of what follows the district."""
    lane = _LANE.search(rest)
    if lane:
        return (
            f"{lane['lane']}-{lane['house']}",
            _street(rest[: lane.start()]),
            _unit(rest[lane.end() :]),
        )
    house = _NUMBER.search(rest)
    if house:
        number = house["number"].replace("之", "-")
        return number, _street(rest[: house.start()]), _unit(rest[house.end() :])
    digits = re.search(r"\d", rest)
    if digits is None:
        return "", _street(rest), ""
    street, doors = rest[: digits.start()], rest[digits.start() :]
    if street.endswith(("路", "街", "道", "巷")) and (bare := re.fullmatch(r"(\d+)", doors)):
        return bare[1], _street(street), ""
    return "", _street(street), _unit(doors)


def _street(text: str) -> str:
    return re.sub(r"[^\w]", "", text)


def _unit(text: str) -> str:
    """Building, entrance and room, as their numbers joined by hyphens."""
    return "-".join(_DIGITS.findall(text))
