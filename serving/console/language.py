"""The console's words in each language: catalogues in words/*.yml, and which one a reader gets."""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml
from fastapi import Request

LANGUAGES: Final[dict[str, str]] = {"en": "English", "zh": "中文"}
LANGUAGE_COOKIE: Final = "oneid_language"
_CATALOGUES: Final = Path(__file__).parent / "words"
_PLACE: Final = re.compile(r"\{(\w+)\}")
Translate = Callable[..., str]


@cache
def catalogue(language: str) -> Mapping[str, Any]:
    """Key -> text of a language, and under `phrases` what the model says in English -> the same."""
    text = (_CATALOGUES / f"{language}.yml").read_text(encoding="utf-8")
    found: dict[str, Any] = yaml.safe_load(text)
    return found


def language_of(request: Request) -> str:
    """The language that was chosen, or else the first the browser asks for that there is."""
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    if chosen in LANGUAGES:
        return chosen
    for each in request.headers.get("accept-language", "").split(","):
        if (language := each.split(";")[0].strip()[:2].lower()) in LANGUAGES:
            return language
    return "en"


def translator(language: str) -> Translate:
    """A function from a key, and values for its places, to a text. KeyError for no such key."""
    texts = catalogue(language)

    def translate(key: str, **values: object) -> str:
        text = str(texts[key])
        return text.format(**values) if values else text

    return translate


def phrase_book(language: str) -> Callable[[str], str]:
    """A function from what the model says to the same in `language`; unknown words stay."""
    phrases: Mapping[str, str] = catalogue(language).get("phrases") or {}
    return lambda words: phrases.get(words, words)


def retelling(language: str) -> Callable[[str], str]:
    """A function from sentences with values in them, one or several with semicolons between, to
    the same in `language`; where one of them is not known all stay as they are."""
    return lambda words: _retold(words, _patterns(language)) or words


def _retold(words: str, patterns: Sequence[tuple[re.Pattern[str], str]]) -> str | None:
    for pattern, text in patterns:
        if found := pattern.match(words):
            here, rest = text.format(**found.groupdict()), words[found.end() + len("; ") :]
            after = _retold(rest, patterns) if rest else ""
            if after is not None:
                return "；".join(filter(None, (here, after)))
    return None


@cache
def _patterns(language: str) -> Sequence[tuple[re.Pattern[str], str]]:
    """Each sentence as a pattern, the longest first, and what is said for it."""
    sentences: Mapping[str, str] = catalogue(language).get("sentences") or {}
    return [
        (re.compile(_PLACE.sub(r"(?P<\1>.+?)", _escaped(each)) + "(?=; |$)"), sentences[each])
        for each in sorted(sentences, key=len, reverse=True)
    ]


def _escaped(sentence: str) -> str:
    return re.sub(r"[^\w\s{}]", lambda sign: re.escape(sign[0]), sentence)


def sayings(language: str) -> Callable[..., str]:
    """The same for words with places, and the values for them."""
    said = phrase_book(language)
    return lambda words, /, **values: said(words).format(**values)
