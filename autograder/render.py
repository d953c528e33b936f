"""A verdict as HTML and as plain text. Everything that came from a learner is escaped."""

from __future__ import annotations

import re
from html import escape

from autograder.checking import Outcome, Status, Table, Verdict

# Each outcome in a word and a shape; colour only repeats them.
SHAPES = {
    Status.PASSED: "✔",
    Status.INCORRECT: "✘",
    Status.NOT_ATTEMPTED: "○",
    Status.SKIPPED: "-",
    Status.HARNESS_ERROR: "!",
}
# Mixed with the colour of the text around, which the theme sets: 4.5:1 and more on light and on dark grounds alike.
_HUES = {Status.PASSED: "#1a7f37", Status.INCORRECT: "#d1242f", Status.HARNESS_ERROR: "#8250df"}
_LINE = "1px solid #8888"
_CELL = "text-align:left;vertical-align:top;padding:4px 10px;"

# What a terminal or a browser would act on rather than show, such as ANSI codes and marks that reverse what follows.
_ACTIVE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")

OPEN = (Status.INCORRECT, Status.NOT_ATTEMPTED)
"""Outcomes about which a learner can do something now; the others wait for them."""


def points_text(points: float) -> str:
    """Points without needless zeros: 2, 2.5."""
    return f"{points:g}"


def summary(verdict: Verdict) -> str:
    """The verdict in one line."""
    passed = sum(outcome.status is Status.PASSED for outcome in verdict.outcomes)
    return (
        f"{points_text(verdict.points)} of {points_text(verdict.max_points)} points, "
        f"{passed} of {len(verdict.outcomes)} checks passed"
    )


def inert(text: str) -> str:
    """The text without characters that would do something where it is shown."""
    return _ACTIVE.sub("\N{REPLACEMENT CHARACTER}", text)


def prose(text: str) -> str:
    """The text as HTML; what stands between backticks is code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(inert(text)))


def slow(outcome: Outcome) -> str:
    """How long the check took, where a learner would want to know: what is wrong and slow, or close to the limit.

    Nothing for the passed checks of a right answer, so that the outputs of a notebook are the same on every machine.
    """
    if outcome.seconds < (5.0 if outcome.status is Status.PASSED else 1.0):
        return ""
    return f"This check took {outcome.seconds:.0f} s."


def as_html(verdict: Verdict, *, live: bool = False) -> str:
    """The verdict as one table with a caption; inline styles only, so that it survives every notebook viewer.

    A live one stands in the learner's own notebook: it says which checks were slow, and how to ask for a hint.
    """
    # With fixed widths, wide evidence scrolls in its place and pushes nothing out of sight.
    head = "".join(
        f'<th scope="col" style="{_CELL}{f"width:{width}em" if width else ""}">{name}</th>'
        for name, width in (("Outcome", 11), ("Check", 0), ("Points", 8))
    )
    rows = [_html_rows(outcome, _details(verdict, i, live)) for i, outcome in enumerate(verdict.outcomes)]
    return (
        '<table style="border-collapse:collapse;text-align:left;font-size:inherit;table-layout:fixed;'
        'width:100%;max-width:60rem;overflow-wrap:anywhere">'
        f'<caption style="text-align:left;font-weight:bold;padding:4px 10px">{prose(verdict.title)}: '
        f"{summary(verdict)}</caption><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
    )


def _html_rows(outcome: Outcome, details: list[tuple[str, str]]) -> str:
    """The check's row, and a row below it for what there is to say."""
    colour = f"color:color-mix(in srgb,currentColor 50%,{hue});" if (hue := _HUES.get(outcome.status)) else ""
    points = f"{points_text(outcome.points)} of {points_text(outcome.max_points)}"
    rows = (
        '<tr style="background:none">'
        f'<td style="{_CELL}border-top:{_LINE};white-space:nowrap;font-weight:600;{colour}">'
        f'<span aria-hidden="true">{SHAPES[outcome.status]}</span> {outcome.status}</td>'
        f'<th scope="row" style="{_CELL}border-top:{_LINE};font-weight:inherit">{prose(outcome.sentence)}</th>'
        f'<td style="{_CELL}border-top:{_LINE};white-space:nowrap">{points}</td></tr>'
    )
    said = "".join(f"<div>{f'<b>{label}:</b> ' if label else ''}{prose(text)}</div>" for label, text in details)
    said += "".join(evidence_html(table) for table in outcome.evidence)
    if said:
        rows += f'<tr style="background:none"><td colspan="3" style="{_CELL}padding:0 10px 10px 2rem">{said}</td></tr>'
    return rows


def _details(verdict: Verdict, number: int, live: bool) -> list[tuple[str, str]]:
    """What there is to say of an outcome beside its evidence: a label or none, and a text."""
    outcome = verdict.outcomes[number]
    # What keeps all checks waiting is said once.
    repeated = outcome.status is Status.NOT_ATTEMPTED and any(
        outcome.rationale == earlier.rationale for earlier in verdict.outcomes[:number]
    )
    own = outcome.status is Status.HARNESS_ERROR
    first = next((i for i, one in enumerate(verdict.outcomes) if one.status in OPEN), None)
    found = [
        ("", "" if repeated else outcome.rationale),
        ("", "The mistake is the course's, not yours: tell your instructor." if own else ""),
        ("Expected", outcome.expected),
        ("Came back", "" if repeated else outcome.got),
        ("", outcome.mistake),
        ("", f"Read again in the lesson: {outcome.see}." if outcome.mistake and outcome.see else ""),
        ("", slow(outcome) if live else ""),
        ("", f'Stuck here? `check.hint("{verdict.exercise}")` gives a hint.' if live and number == first else ""),
    ]
    return [(label, text) for label, text in found if text]


def evidence_html(table: Table) -> str:
    """Rows that show something, as a table that scrolls by itself where it is wide."""
    cell = f'style="text-align:left;padding:2px 8px;border:{_LINE};font-family:monospace;white-space:pre"'
    head = "".join(f'<th scope="col" {cell}>{escape(inert(name)) or "(no name)"}</th>' for name in table.columns)
    rows = "".join(
        '<tr style="background:none">' + "".join(f"<td {cell}>{escape(inert(text))}</td>" for text in row) + "</tr>"
        for row in table.rows
    )
    title = escape(inert(table.title))
    return (
        f'<div role="region" aria-label="{title}" tabindex="0" style="overflow-x:auto;max-width:100%">'
        '<table style="border-collapse:collapse;margin:6px 0;font-size:inherit;table-layout:auto;overflow-wrap:normal">'
        f'<caption style="text-align:left">{title}{_more(table)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _more(table: Table) -> str:
    if not table.rows:
        return " (no rows)"
    return f" (the first {len(table.rows)} of {table.total:,})" if table.total > len(table.rows) else ""


def as_text(verdict: Verdict) -> str:
    """The verdict for a terminal: one line per check, and below it what a failing one has to say."""
    lines = [f"{verdict.title}: {summary(verdict)}"]
    for i, outcome in enumerate(verdict.outcomes):
        points = f"{points_text(outcome.points)}/{points_text(outcome.max_points)}"
        lines.append(f"  {SHAPES[outcome.status]} {outcome.status:<13} {points:>7}  {outcome.sentence}")
        lines += [f"        {f'{label}: ' if label else ''}{text}" for label, text in _details(verdict, i, live=True)]
        for evidence in outcome.evidence:
            lines += [f"        {line}" for line in _text_table(evidence)]
    return inert("\n".join(lines))


def _text_table(table: Table) -> list[str]:
    grid = [[text.replace("\n", " ") for text in row] for row in (table.columns, *table.rows)]
    widths = [max(len(row[i]) for row in grid) for i in range(len(table.columns))]
    body = ["  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in grid]
    return [f"{table.title}{_more(table)}", *body]
