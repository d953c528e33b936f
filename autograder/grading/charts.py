"""Charts as inline SVG: pure functions from numbers to markup. Colours and fonts come from the page's style sheet.

Each chart has a title that states what it shows and a description, so that it can be read without being seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

WIDTH = 720


@dataclass(frozen=True)
class Mark:
    """A place on an axis, from 0 to 1, and what to write there."""

    at: float
    text: str


@dataclass(frozen=True)
class Dot:
    """One point of a scatter plot; `label` is a number written beside it, `kind` "dot", "odd" or "plain"."""

    x: float
    y: float
    tip: str
    kind: str = "dot"
    label: str = ""


@dataclass(frozen=True)
class Bar:
    """One bar: `part` of `whole`, with a text above it and one behind it."""

    text: str
    part: float
    whole: float
    number: str


def _markup(template: str, **values: object) -> Markup:
    """The template with every value escaped, floats with one decimal at most."""
    short = {k: f"{v:.1f}".removesuffix(".0") if isinstance(v, float) else v for k, v in values.items()}
    return Markup(template).format(**short)


def _svg(name: str, width: float, height: float, title: str, text: str, parts: Iterable[Markup]) -> Markup:
    return _markup(
        '<svg id="{n}" role="img" aria-labelledby="{n}-title {n}-text" viewBox="0 0 {w} {h}">'
        '<title id="{n}-title">{title}</title><desc id="{n}-text">{text}</desc>{parts}</svg>',
        n=name,
        w=width,
        h=height,
        title=title,
        text=text,
        parts=Markup("").join(parts),
    )


def _text(x: float, y: float, text: object, kind: str = "", anchor: str = "start") -> Markup:
    return _markup('<text x="{x}" y="{y}" class="{k}" text-anchor="{a}">{t}</text>', x=x, y=y, k=kind, a=anchor, t=text)


def _line(x1: float, y1: float, x2: float, y2: float, kind: str) -> Markup:
    return _markup('<path d="M{x1} {y1}L{x2} {y2}" class="{k}"/>', x1=x1, y1=y1, x2=x2, y2=y2, k=kind)


def _box(x: float, y: float, width: float, height: float, kind: str, tip: str = "") -> Markup:
    inner = _markup("<title>{t}</title>", t=tip) if tip else Markup("")
    return _markup(
        '<rect x="{x}" y="{y}" width="{w}" height="{h}" class="{k}">{i}</rect>',
        x=x, y=y, w=max(width, 0.0), h=max(height, 0.0), k=kind, i=inner,
    )  # fmt: skip


def histogram(
    name: str,
    bins: Sequence[int],
    ticks: Sequence[Mark],
    *,
    title: str,
    text: str,
    axis: str,
    median: Mark | None = None,
    middle: tuple[float, float] | None = None,
) -> Markup:
    """Bars of equal width from 0 to 1, the count above each; a line at the median, a band over the middle half."""
    left, right, top, bottom, height = 12.0, WIDTH - 12.0, 42.0, 200.0, 240.0
    across, most = right - left, max([*bins, 1])
    step = across / max(len(bins), 1)
    parts = []
    if middle:
        x = left + middle[0] * across
        parts.append(_box(x, top - 18, max((middle[1] - middle[0]) * across, 2.0), bottom - top + 18, "band"))
    for number, count in enumerate(bins):
        tall = (bottom - top) * count / most
        parts.append(_box(left + number * step + 1, bottom - tall, step - 2, tall, "bar"))
        if count:
            parts.append(_text(left + (number + 0.5) * step, bottom - tall - 5, count, "count", "middle"))
    parts.append(_line(left, bottom, right, bottom, "axis"))
    for tick in ticks:
        x = left + tick.at * across
        anchor = "start" if tick.at < 0.02 else "end" if tick.at > 0.98 else "middle"
        parts += [_line(x, bottom, x, bottom + 5, "axis"), _text(x, bottom + 19, tick.text, "tick", anchor)]
    parts.append(_text(left + across / 2, height - 4, axis, "tick", "middle"))
    if median:
        x = left + median.at * across
        anchor, shift = ("end", -5.0) if median.at > 0.5 else ("start", 5.0)
        parts += [_line(x, top - 26, x, bottom, "median"), _text(x + shift, top - 18, median.text, "said", anchor)]
    return _svg(name, WIDTH, height, title, text, parts)


def strip(name: str, bins: Sequence[int], median: float, middle: tuple[float, float], *, title: str) -> Markup:
    """A small histogram for a row of a table, with the median and the middle half on the line below it."""
    width, ground, height = 180.0, 30.0, 40.0
    step, most = width / len(bins), max([*bins, 1])
    parts = [
        _box(number * step + 0.5, ground - 28 * count / most, step - 1, 28 * count / most, "bar")
        for number, count in enumerate(bins)
        if count
    ]
    parts.append(_line(0, ground + 5, width, ground + 5, "axis"))
    parts.append(_box(middle[0] * width, ground + 2, max((middle[1] - middle[0]) * width, 2.0), 6, "range"))
    parts.append(_line(median * width, ground - 1, median * width, ground + 10, "median"))
    return _markup(
        '<svg role="img" aria-labelledby="{n}-title" viewBox="-3 0 {w} {h}" class="strip">'
        '<title id="{n}-title">{title}</title>{parts}</svg>',
        n=name, w=width + 6, h=height, title=title, parts=Markup("").join(parts),
    )  # fmt: skip


def scatter(name: str, dots: Sequence[Dot], beside: Sequence[Dot], *, title: str, text: str) -> Markup:
    """Difficulty across, discrimination up; what lies below 0 is marked. `beside` are those without discrimination."""
    left, right, top, bottom = 52.0, WIDTH - 16.0, 14.0, 300.0
    low = min([-0.25, *(dot.y - 0.08 for dot in dots)])
    high = max([0.75, *(dot.y + 0.08 for dot in dots)])

    def x(share: float) -> float:
        return left + share * (right - left)

    def y(value: float) -> float:
        return bottom - (value - low) / (high - low) * (bottom - top)

    parts = [
        _box(left, y(0.2), right - left, y(0) - y(0.2), "little"),
        _box(left, y(0), right - left, bottom - y(0), "against"),
        _text(right - 6, bottom - 8, "strong learners fail it", "zone", "end"),
        _text(right - 6, y(0.2) + 15, "says little", "zone", "end"),
        _line(left, y(0), right, y(0), "axis"),
        _line(left, top, left, bottom, "axis"),
        _markup('<text transform="translate(14 {y}) rotate(-90)" class="tick" text-anchor="middle">'
                "discrimination</text>", y=(top + bottom) / 2),
    ]  # fmt: skip
    for tenth in range(int(low * 5), int(high * 5) + 1):
        parts.append(
            _text(left - 7, y(tenth / 5) + 4, f"{tenth / 5:.1f}".replace("-", "\N{MINUS SIGN}"), "tick", "end")
        )
    parts += [_shape(x(dot.x), y(dot.y), dot) for dot in dots]
    parts.append(_line(left, bottom + 26, right, bottom + 26, "axis"))
    parts += [_shape(x(dot.x), bottom + 26, dot) for dot in beside]
    taken: list[tuple[float, float]] = []
    for dot, level in [(dot, y(dot.y)) for dot in dots] + [(dot, bottom + 26) for dot in beside]:
        if dot.label:
            # Above its mark, and above the labels that are there already.
            place = (x(dot.x), level - 9)
            while any(abs(place[0] - a) < 14 and abs(place[1] - b) < 13 for a, b in taken):
                place = (place[0], place[1] - 3)
            taken.append(place)
            parts.append(_text(*place, dot.label, "said", "middle"))
    for share in (0, 0.25, 0.5, 0.75, 1):
        anchor = "end" if share == 1 else "middle"
        parts.append(_text(x(share), bottom + 58, f"{share:.0%}".replace("%", "\N{NO-BREAK SPACE}%"), "tick", anchor))
    parts.append(_text((left + right) / 2, bottom + 76, "difficulty: the share that did not pass", "tick", "middle"))
    return _svg(name, WIDTH, bottom + 82, title, text, parts)


_SHAPES = {
    "dot": "m-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0",
    "odd": "m0 -6l6 11h-12z",
    "plain": "m-4.5 -4.5h9v9h-9z",
}


def _shape(x: float, y: float, dot: Dot) -> Markup:
    return _markup(
        '<path d="M{x} {y}{s}" class="{k}"><title>{t}</title></path>', x=x, y=y, s=_SHAPES[dot.kind], k=dot.kind,
        t=dot.tip,
    )  # fmt: skip


def bars(name: str, rows: Sequence[Bar], *, title: str, text: str) -> Markup:
    """Horizontal bars, each with its text above it, on a track as long as its whole."""
    room, each = WIDTH - 150.0, 44.0
    longest = max([row.whole for row in rows] + [1e-9])
    parts = []
    for number, row in enumerate(rows):
        y = number * each
        parts += [
            _text(0, y + 16, row.text, "name"),
            _box(0, y + 23, room * row.whole / longest, 12, "track"),
            _box(0, y + 23, room * row.part / longest, 12, "bar"),
            _text(room * row.whole / longest + 8, y + 33, row.number, "count"),
        ]
    return _svg(name, WIDTH, max(each * len(rows), 1.0), title, text, parts)
