"""The console's words in each language: catalogues in words/*.yml, and which one a reader gets."""

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml
from fastapi import Request

LANGUAGES: Final[dict[str, str]] = {"en": "English", "zh": "中文"}
LANGUAGE_COOKIE: Final = "oneid_language"
_CATALOGUES: Final = Path(__file__).parent / "words"
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


def sayings(language: str) -> Callable[..., str]:
    """The same for words with places, and the values for them."""
    said = phrase_book(language)
    return lambda words, /, **values: said(words).format(**values)
