"""What is drawn on: shapes and texts of one style, collected from top to bottom."""

from collections.abc import Iterator, Sequence
from html import escape

from resolution.explain.verdict import Say, in_english

WIDTH = 1000
MARGIN = 28
PALETTE = (
    "--page:#ffffff;--panel:#f5f7fa;--line:#d8dfe7;--ink:#16222e;--soft:#566473;--faint:#8794a2;"
    "--for:#0e8a7d;--against:#d4552a;--prior:#8593a3;--total:#2c66c9;--steward:#c08a1e;"
    "--linked:#0e8a7d14;--asked:#c08a1e17;--s0:#2c66c9;--s1:#8a4fc4;--s2:#c43d72;--s3:#5b7083;"
    "--s4:#1e88b5;--s5:#4b3fa8"
)
DARK = (
    "--page:#10171f;--panel:#18222d;--line:#2c3947;--ink:#e9eff5;--soft:#a5b3c1;--faint:#75838f;"
    "--for:#3fc0b0;--against:#f0855c;--prior:#8494a5;--total:#6f9ef0;--steward:#e0b250;"
    "--linked:#3fc0b01c;--asked:#e0b2501a;--s0:#6f9ef0;--s1:#c490e6;--s2:#ee82ab;--s3:#93a7b9;"
    "--s4:#5cc3ea;--s5:#9d93f0"
)
STYLE = (
    f"svg{{{PALETTE}}}@media (prefers-color-scheme:dark){{svg{{{DARK}}}}}"
    "text{fill:var(--ink);font-size:13px}.soft{fill:var(--soft);font-size:12px}"
    ".faint{fill:var(--faint);font-size:11px}.b{font-weight:600}.end{text-anchor:end}"
    ".mid{text-anchor:middle}.h{font-size:18px;font-weight:650}.t{font-size:13.5px;font-weight:600}"
    ".cap{fill:var(--faint);font-size:10.5px;font-weight:600;letter-spacing:.09em}"
    ".num{font-variant-numeric:tabular-nums;font-weight:600}"
)
FONTS = (
    "system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,'PingFang SC',"
    "'Microsoft YaHei','Noto Sans CJK SC',sans-serif"
)
SOURCES = 6
"""Colours for sources, none of which means anything else; a seventh source begins again."""


class Canvas:
    """A picture in the making; `y` is where the next part begins."""

    def __init__(self, title: str, say: Say = in_english) -> None:
        self.title = title
        self.say = say
        self.y = 0.0
        self._parts: list[str] = []

    def rect(self, box: tuple[float, float, float, float], fill: str, **more: object) -> None:
        """A rectangle at x, y of a width and height. `more`: further attributes."""
        x, y, width, height = box
        self._parts.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 0):.1f}" height="{height:.1f}" '
            f'fill="{fill}"{_attributes(more)}/>'
        )

    def line(self, start: tuple[float, float], end: tuple[float, float], **more: object) -> None:
        """A straight line."""
        self._parts.append(
            f'<line x1="{start[0]:.1f}" y1="{start[1]:.1f}" x2="{end[0]:.1f}" y2="{end[1]:.1f}"'
            f"{_attributes(more)}/>"
        )

    def circle(self, x: float, y: float, radius: float, fill: str, **more: object) -> None:
        """A circle."""
        self._parts.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:g}" fill="{fill}"{_attributes(more)}/>'
        )

    def text(self, x: float, y: float, words: str, kind: str = "", **more: object) -> None:
        """A line of text whose base line is at y. `kind`: classes of STYLE."""
        named = f' class="{kind}"' if kind else ""
        self._parts.append(
            f'<text x="{x:.1f}" y="{y:.1f}"{named}{_attributes(more)}>{escape(words)}</text>'
        )

    def panel(self, height: float, title: str) -> float:
        """A panel over the whole width at `y`, which moves below it; returns where its inside
        begins."""
        top = self.y
        self.rect((MARGIN, top, WIDTH - 2 * MARGIN, height), "var(--panel)", rx=10)
        self.text(MARGIN + 18, top + 26, title.upper(), "cap")
        self.y = top + height + 14
        return top + 40

    def drawn(self) -> str:
        """The whole picture."""
        height = self.y + 10
        frame = (
            f'<rect x=".5" y=".5" width="{WIDTH - 1}" height="{height - 1:.1f}" rx="14" '
            'fill="var(--page)" stroke="var(--line)"/>'
        )
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" '
            f'width="{WIDTH}" height="{height:.0f}" font-family="{FONTS}" role="img">\n'
            f"<title>{escape(self.title)}</title>\n<style>{STYLE}</style>\n{frame}\n"
            + "\n".join(self._parts)
            + "\n</svg>\n"
        )


def header(canvas: Canvas, title: str, verdict: str, badge: tuple[str, str]) -> None:
    """What was asked, the answer, and a badge (words, colour) in the corner."""
    words, colour = badge
    width = text_width(words, 12) + 30
    canvas.text(MARGIN, 40, canvas.say("WHY"), "cap")
    canvas.rect((WIDTH - MARGIN - width, 26, width, 26), colour, rx=13)
    canvas.text(
        WIDTH - MARGIN - width / 2, 43.5, words, "b mid", style="fill:var(--page);font-size:12px"
    )
    canvas.text(MARGIN, 66, fitted(title, WIDTH - 2 * MARGIN, 18), "h")
    canvas.y = 92
    for line in wrapped(verdict, WIDTH - 2 * MARGIN, 13.5):
        canvas.text(MARGIN, canvas.y, line, "", style="font-size:13.5px;fill:var(--soft)")
        canvas.y += 19
    canvas.y += 2


def text_width(words: str, size: float) -> float:
    """Roughly how wide a text is: Chinese characters are square, others about half as wide."""
    return sum(size if ord(letter) > 0x2E7F else size * 0.56 for letter in words)


def fitted(words: str, width: float, size: float = 13) -> str:
    """The text, its middle left out where it would be wider than `width`."""
    if text_width(words, size) <= width:
        return words
    shortened = (
        f"{words[: kept - kept // 3]}…{words[len(words) - kept // 3 :]}"
        for kept in range(len(words) - 1, 2, -1)
    )
    return next((text for text in shortened if text_width(text, size) <= width), f"{words[:2]}…")


def wrapped(words: str, width: float, size: float) -> Iterator[str]:
    """The text in lines no wider than `width`, broken at spaces."""
    line = ""
    for word in words.split(" "):
        longer = f"{line} {word}" if line else word
        if line and text_width(longer, size) > width:
            yield line
            line = word
        else:
            line = longer
    yield line


def signed(weight: float, places: int = 1) -> str:
    """A match weight with its sign, minus as printed."""
    return f"{weight:+.{places}f}".replace("-", "\N{MINUS SIGN}")


def source_colours(sources: Sequence[str]) -> dict[str, str]:
    """A colour for each source, the same whatever the order."""
    return {
        source: f"var(--s{place % SOURCES})" for place, source in enumerate(sorted(set(sources)))
    }


def _attributes(more: dict[str, object]) -> str:
    return "".join(
        f' {name.replace("_", "-")}="{escape(str(value), quote=True)}"'
        for name, value in more.items()
    )
