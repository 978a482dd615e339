"""Reads JSON lines: one object a line, every value as the text it was written as."""

import json
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Any

import polars as pl

from core.errors import SourceError
from sources.rows import Batch, DamagedRow, shown

LONGEST_LINE = 1 << 24
_LONGEST_EXPONENT = 40


def read_json_lines(blocks: Iterator[bytes]) -> Iterator[Batch]:
    """The rows of a JSON lines file, in order, as batches of text columns, one a key.

    Numbers keep their digits (no exponents, no `.0` behind whole ones), nested values stay JSON,
    null and NaN are absent. Lines that are no object are in the batches' `damaged`. Raises
    SourceError for a file that is one JSON array.
    """
    pending, row_number, first = b"", 1, True
    for block in blocks:
        lines = (pending + block).split(b"\n")
        pending = lines.pop()
        if len(pending) > LONGEST_LINE:
            raise SourceError(f"no line ends within {LONGEST_LINE:,} bytes: these are not lines")
        lines = [line for line in lines if line.strip()]
        if not lines:
            continue
        if first:
            _refuse_array(lines[0])
            first = False
        yield _batch(lines, row_number)
        row_number += len(lines)
    if pending.strip():
        if first:
            _refuse_array(pending)
        yield _batch([pending], row_number)


def number_text(written: str) -> str:
    """A JSON number without exponent, and without the fraction if it is whole.

    An exponent too large to be written out is left as it is.
    """
    try:
        number = Decimal(written)
    except InvalidOperation:
        return written
    if number.is_finite() and abs(number.adjusted()) <= _LONGEST_EXPONENT:
        if not number:
            return "0"
        whole = number.to_integral_value()
        return f"{whole:f}" if number == whole else f"{number:f}"
    return written


def _refuse_array(line: bytes) -> None:
    text = line.strip()
    if text.startswith(b"[") and not text.endswith(b"]"):
        raise SourceError("a JSON array over several lines; deliver one object a line instead")
    if text.startswith(b"[{"):
        raise SourceError("one JSON array; deliver one object a line instead")


def _constant(name: str) -> str | None:
    return None if name == "NaN" else name


def _batch(lines: list[bytes], row_number: int) -> Batch:
    decoder = json.JSONDecoder(parse_float=number_text, parse_int=str, parse_constant=_constant)
    records: list[dict[str, Any]] = []
    numbers: list[int] = []
    kept: list[bytes] = []
    damaged = []
    for number, line in enumerate(lines, row_number):
        record = _record(decoder, line)
        if isinstance(record, dict):
            records.append(record)
            numbers.append(number)
            kept.append(line)
        else:
            damaged.append(DamagedRow(number, record, shown(line)))
    return Batch(
        frame=_frame(records, kept),
        row_numbers=pl.Series(numbers, dtype=pl.Int64),
        raw_of=lambda position: shown(kept[position]),
        damaged=tuple(damaged),
    )


def _record(decoder: json.JSONDecoder, line: bytes) -> dict[str, Any] | str:
    """The line's object, or why it is none."""
    try:
        text = line.decode("utf-8").strip()
        record, end = decoder.raw_decode(text)
    except UnicodeDecodeError:
        return "broken encoding: the line holds bytes that are not UTF-8"
    except ValueError:
        return "not JSON: the line is damaged or cut off"
    except RecursionError:
        return "not JSON that can be read: nested too deeply"
    return record if (reason := _objection(text, record, end)) is None else reason


def _objection(text: str, record: Any, end: int) -> str | None:
    """What speaks against a value read from `text` up to `end`."""
    if end != len(text):
        return "not JSON: something follows the object"
    if not isinstance(record, dict):
        return "not a JSON object"
    if not record:
        return "an object without any value"
    if "\0" in text or "\\u0000" in text:
        return "broken encoding: the line holds NUL characters"
    if "\\u" in text and not _is_text(record):
        return "broken encoding: the line holds half a character (a lone surrogate)"
    return None


def _is_text(record: dict[str, Any]) -> bool:
    try:
        json.dumps(record, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _frame(records: list[dict[str, Any]], lines: list[bytes]) -> pl.DataFrame:
    """A column a key. Records mostly have the same keys in the same order: then it is a turn of
    the table, else every key is looked up in every record."""
    shapes = dict.fromkeys(map(tuple, records))
    headings = list(dict.fromkeys(key for shape in shapes for key in shape))
    if len(shapes) == 1:
        columns = zip(*(record.values() for record in records), strict=True)
    else:
        columns = ([record.get(heading) for record in records] for heading in headings)  # type: ignore[assignment]
    return pl.DataFrame(
        [
            _column(heading, list(values), lines)
            for heading, values in zip(headings, columns, strict=True)
        ]
    )


def _column(heading: str, values: list[Any], lines: list[bytes]) -> pl.Series:
    try:
        return pl.Series(heading, values, dtype=pl.String)
    except TypeError:
        texts = [
            _text(value, partial(_original, line, heading))
            for value, line in zip(values, lines, strict=True)
        ]
        return pl.Series(heading, texts, dtype=pl.String)


def _text(value: Any, original: partial[Any]) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(original(), ensure_ascii=False, sort_keys=True)


def _original(line: bytes, heading: str) -> Any:
    """The nested value with its numbers as numbers."""
    return json.loads(line)[heading]
