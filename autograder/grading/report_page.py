"""The report as a page: its sentences, its charts, its template. Every number is `report.class_report`'s."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import jinja2
from markupsafe import Markup, escape

from autograder.expect import counted
from autograder.grading import charts
from autograder.grading.records import State
from autograder.grading.report import BINS, CheckRow, Learner, Report

LOW = 0.5
"""A learner with less than this share of the points needs help."""

MOST = 500
"""Rows of a list on the page; the JSON holds all of them."""

MOST_LINKS = 12
"""Links behind one mistake or exercise on the page."""

LONGEST = 400
"""Characters of a reason or note on the page; the feedback page holds all of it."""


_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
"""No page may hold these."""


def page(report: Report, made: dt.datetime, *, without_feedback: int = 0) -> str:
    """The page as HTML, made at `made`; `without_feedback` submissions have no feedback page yet.

    Self-contained: no request, one script, which the page's own policy allows by its hash. Everything that a learner
    wrote or is called is escaped.
    """
    loader = jinja2.PackageLoader("autograder.grading")
    environment = jinja2.Environment(
        loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {
        "points": _points,
        "percent": _percent,
        "seconds": _seconds,
        "clip": _clip,
        "marks": _marks,
        "code": _code,
        "minute": _minute,
    }
    environment.filters["sum_of"] = lambda seconds: sum(seconds.values())
    environment.add_extension("jinja2.ext.loopcontrols")
    script = _source(environment, "report.js")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    html = environment.get_template("report.html").render(
        title=f"{report.title}: the class",
        policy=f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'",
        script=script,
        style=_source(environment, "report.css"),
        r=report,
        made=f"{made:%d %B %Y, %H:%M} UTC".lstrip("0"),
        without_feedback=without_feedback,
        late=any(result.late for one in report.learners for result in one.results.values()),
        lesson_titles={row.folder: row.title for row in report.lessons},
        help=[one for one in report.learners if needs_help(one)],
        charts=_charts(report),
        counted=counted,
        LOW=LOW,
        MOST=MOST,
        MOST_LINKS=MOST_LINKS,
        LONGEST=LONGEST,
    )
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", html)


def _source(environment: jinja2.Environment, name: str) -> str:
    """A file beside the templates as it stands; nothing in it is a template."""
    assert environment.loader is not None
    return environment.loader.get_source(environment, name)[0]


def needs_help(one: Learner) -> bool:
    """Whether a learner has less than `LOW` of the points, or a lesson is missing."""
    return bool(one.missing) or (one.share is not None and one.share < LOW)


def _marks(one: Learner) -> list[str]:
    """The words by which the table of learners is filtered."""
    apart = any(result.state in (State.QUARANTINED, State.FAILED) for result in one.results.values())
    found = {
        "help": needs_help(one),
        "missing": bool(one.missing),
        "low": one.share is not None and one.share < LOW,
        "apart": apart,
    }
    return [name for name, holds in found.items() if holds]


def _points(value: float) -> str:
    return f"{round(value, 2):g}"


def _percent(share: float) -> str:
    return f"{share:.0%}".replace("%", "\N{NO-BREAK SPACE}%")


def _seconds(value: float) -> str:
    """Seconds for a person: 0.25 s, 12 s, 4 min 5 s."""
    if value >= 60:
        minutes, rest = divmod(round(value), 60)
        return f"{minutes}\N{NO-BREAK SPACE}min {rest}\N{NO-BREAK SPACE}s"
    return f"{value:.2g}\N{NO-BREAK SPACE}s" if value < 10 else f"{value:.0f}\N{NO-BREAK SPACE}s"


def _code(text: str) -> Markup:
    """The text as HTML; what stands between backticks is code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))


def _minute(time: object) -> str:
    """A time in ISO 8601 to the minute."""
    return str(time)[:16].replace("T", " ")


def _clip(text: str, most: int = LONGEST) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


@dataclass(frozen=True)
class _Chart:
    """A chart with the sentence that it argues; `key` explains its numbered marks."""

    claim: str
    svg: Any = ""
    key: Sequence[tuple[str, str, CheckRow]] = ()


def _charts(report: Report) -> dict[str, Any]:
    return {
        "class": _chart_of_class(report),
        "lessons": _chart_of_lessons(report),
        "checks": _chart_of_checks(report),
        "mistakes": _chart_of_mistakes(report),
        "seconds": _chart_of_seconds(report),
    }


def _chart_of_class(report: Report) -> _Chart:
    if not report.spread:
        return _Chart("No learner has points yet")
    spread, low = report.spread, sum(one.share is not None and one.share < LOW for one in report.learners)
    claim = f"Half of the class has {_percent(spread.median)} of the points or more; "
    claim += f"{low or 'nobody'} of {spread.n} {'is' if low < 2 else 'are'} below {_percent(LOW)}"
    claim = claim.replace(f"nobody of {spread.n}", "nobody")
    text = (
        f"Learners by share of the points, in steps of {_percent(1 / BINS)}. Quartiles: {_percent(spread.lower)}, "
        f"{_percent(spread.median)}, {_percent(spread.upper)}; least {_percent(spread.least)}, "
        f"most {_percent(spread.most)}."
    )
    svg = charts.histogram(
        "chart-class",
        report.histogram,
        [charts.Mark(tenth / 10, _percent(tenth / 10)) for tenth in range(0, 11, 2)],
        title=claim,
        text=text,
        axis="share of the points; the band holds the middle half of the class",
        median=charts.Mark(min(spread.median, 1.0), f"median {_percent(spread.median)}"),
        middle=(min(spread.lower, 1.0), min(spread.upper, 1.0)),
    )
    return _Chart(claim, svg)


def _chart_of_lessons(report: Report) -> _Chart:
    strips, shares = {}, []
    for row in report.lessons:
        if not row.spread or not row.shares:
            continue
        lower, median, upper = (min(x, 1.0) for x in (row.shares.lower, row.shares.median, row.shares.upper))
        shares.append((median, row))
        title = (
            f"{row.title}: median {_percent(row.shares.median)} of the points, the middle half from "
            f"{_percent(row.shares.lower)} to {_percent(row.shares.upper)}"
        )
        strips[row.folder] = charts.strip(f"strip-{row.folder}", row.histogram, median, (lower, upper), title=title)
    if not shares:
        return _Chart("No lesson has points yet", strips)
    median, worst = min(shares, key=lambda one: one[0])
    return _Chart(f"Lowest median: {worst.title}, {_percent(median)} of its points", strips)


def _chart_of_checks(report: Report) -> _Chart:
    judged = [row for row in report.checks if row.health.difficulty is not None]
    if not judged:
        return _Chart("No check has judged anybody yet")
    hardest = sorted(judged, key=lambda row: (-(row.health.difficulty or 0.0), row.health.exercise))
    odd = [row for row in judged if row.health.note == "strong learners fail it"]
    one = hardest[0].health
    if one.difficulty:
        claim = f"Hardest: “{_clip(hardest[0].sentence, 90).rstrip('.')}”, not passed by {_percent(one.difficulty)}"
    else:
        claim = "Every check is passed by everybody"
    claim += (
        f"; strong learners fail {counted(len(odd), 'check')}" if odd else "; no check is failed by strong learners"
    )
    noted = {"never fails": 0, "always fails": 0}
    for row in judged:
        if row.health.note in noted:
            noted[row.health.note] += 1
    text = (
        f"{counted(len(judged), 'check')}. {counted(noted['never fails'], 'check')} never failed anybody, "
        f"{counted(noted['always fails'], 'check')} always failed; these have no discrimination and stand "
        "below the plot."
    )
    odd.sort(key=lambda row: row.health.discrimination or 0.0)
    notable = list(dict.fromkeys([*(id(row) for row in odd[:4]), *(id(row) for row in hardest[:4])]))
    by_id = {id(row): row for row in judged}
    numbers = {key: str(n) for n, key in enumerate(notable, start=1) if (by_id[key].health.difficulty or 0.0) > 0}
    dots, beside, key = [], [], []
    for row in judged:
        share, related = row.health.difficulty or 0.0, row.health.discrimination
        tip = f"{row.health.exercise}: {row.sentence} Not passed by {_percent(share)} of {row.health.judged}."
        label = numbers.get(id(row), "")
        if related is None:
            beside.append(charts.Dot(share, 0.0, tip, "plain", label))
        else:
            dots.append(charts.Dot(share, related, tip, "odd" if row in odd else "dot", label))
    for each in notable:
        if each in numbers:
            row = by_id[each]
            key.append((numbers[each], row.health.note or "hard", row))
    return _Chart(claim, charts.scatter("chart-checks", dots, beside, title=claim, text=text), key)


def _chart_of_mistakes(report: Report) -> _Chart:
    if not report.mistakes:
        return _Chart("No known mistake was named")
    first = report.mistakes[0]
    claim = (
        f"The most frequent belief behind wrong results: “{_clip(first.belief, 110).rstrip('.')}”, "
        f"{len(first.submissions)} of {first.judged}"
    )
    shown = report.mistakes[:10]
    rows = [
        charts.Bar(
            _clip(f"{row.title}: {row.belief}", 104),
            len(row.submissions),
            row.judged,
            f"{len(row.submissions)} of {row.judged}, {_percent(row.share)}",
        )
        for row in shown
    ]
    text = (
        f"The {len(shown)} most frequent of {counted(len(report.mistakes), 'known mistake')}; the track behind a bar "
    )
    text += "is everybody who was judged in the exercise."
    return _Chart(claim, charts.bars("chart-mistakes", rows, title=claim, text=text))


def _chart_of_seconds(report: Report) -> _Chart:
    if not report.seconds or not report.slow:
        return _Chart("No submission was timed yet")
    spread, slowest = report.seconds, report.slow[0]
    claim = (
        f"Half of the submissions took {_seconds(spread.median)} or less; the slowest took {_seconds(slowest.seconds)}"
    )
    first, last = report.seconds_edges[0], report.seconds_edges[-1]

    def place(seconds: float) -> float:
        return min(max(math.log2(max(seconds, 1e-9) / first) / math.log2(last / first), 0.0), 1.0)

    svg = charts.histogram(
        "chart-seconds",
        report.seconds_histogram,
        [charts.Mark(place(edge), f"{edge:g}") for edge in report.seconds_edges],
        title=claim,
        text=f"Submissions by seconds, each bar twice as far as the one before; quartiles {_seconds(spread.lower)}, "
        f"{_seconds(spread.median)}, {_seconds(spread.upper)}.",
        axis="seconds for one submission, doubling from tick to tick; the band holds the middle half",
        median=charts.Mark(place(spread.median), f"median {_seconds(spread.median)}"),
        middle=(place(spread.lower), place(spread.upper)),
    )
    return _Chart(claim, svg)
