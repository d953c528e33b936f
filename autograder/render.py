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
# Read on a light and on a dark ground (contrast at least 4.5:1 on both #fff and #111).
_COLOURS = {
    Status.PASSED: "#1a7f37",
    Status.INCORRECT: "#d1242f",
    Status.NOT_ATTEMPTED: "#767676",
    Status.SKIPPED: "#767676",
    Status.HARNESS_ERROR: "#8250df",
}


def points_text(points: float) -> str:
    """Points without needless zeros: 2, 2.5."""
    return f"{points:g}"


def as_html(verdict: Verdict) -> str:
    """The verdict as one table with a caption; inline styles only, so that it survives every notebook viewer."""
    rows = "".join(_html_row(outcome) for outcome in verdict.outcomes)
    head = "".join(
        f'<th scope="col" style="text-align:left;padding:4px 10px">{name}</th>'
        for name in ("Outcome", "Points", "Check")
    )
    return (
        '<table style="border-collapse:collapse;text-align:left">'
        f'<caption style="text-align:left;font-weight:bold;padding:4px 10px">{escape(verdict.title)}: '
        f"{points_text(verdict.points)} of {points_text(verdict.max_points)} points</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    )


def _html_row(outcome: Outcome) -> str:
    cell = 'style="text-align:left;vertical-align:top;padding:4px 10px;border-top:1px solid #8888"'
    status = (
        f'<span style="color:{_COLOURS[outcome.status]};white-space:nowrap">'
        f'<span aria-hidden="true">{SHAPES[outcome.status]}</span> {outcome.status}</span>'
    )
    parts = [f"<div>{_prose(outcome.sentence)}</div>"]
    if outcome.rationale:
        parts.append(f'<div style="margin-top:4px"><b>{_prose(outcome.rationale)}</b></div>')
    if outcome.expected:
        parts.append(f"<div>Expected: {_prose(outcome.expected)}</div>")
    if outcome.got:
        parts.append(f"<div>Came back: {_prose(outcome.got)}</div>")
    parts += [f"<div>{_prose(line)}</div>" for line in _named(outcome)]
    parts += [_html_table(evidence) for evidence in outcome.evidence]
    points = f"{points_text(outcome.points)} / {points_text(outcome.max_points)}"
    points_cell = cell.replace('style="', 'style="white-space:nowrap;')
    return f"<tr><td {cell}>{status}</td><td {points_cell}>{points}</td><td {cell}>{''.join(parts)}</td></tr>"


def _named(outcome: Outcome) -> list[str]:
    """The known mistake, and where in the lesson to read about it."""
    see = [f"Read again in the lesson: {outcome.see}."] if outcome.see else []
    return [outcome.mistake, *see] if outcome.mistake else []


def _prose(text: str) -> str:
    """The text as HTML; what stands between backticks is code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))


def _html_table(table: Table) -> str:
    cell = 'style="text-align:left;padding:2px 8px;border:1px solid #8888;font-family:monospace"'
    head = "".join(f'<th scope="col" {cell}>{escape(name)}</th>' for name in table.columns)
    rows = "".join("<tr>" + "".join(f"<td {cell}>{escape(text)}</td>" for text in row) + "</tr>" for row in table.rows)
    return (
        '<div style="overflow-x:auto;max-width:46rem">'
        '<table style="border-collapse:collapse;margin:6px 0">'
        f'<caption style="text-align:left;white-space:nowrap">{escape(table.title)}'
        f"{_more(table)}</caption><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _more(table: Table) -> str:
    return f" (the first {len(table.rows)} of {table.total:,})" if table.total > len(table.rows) else ""


def as_text(verdict: Verdict) -> str:
    """The verdict for a terminal: one line per check, and below it what a failing one has to say."""
    lines = [f"{verdict.title}: {points_text(verdict.points)} of {points_text(verdict.max_points)} points"]
    for outcome in verdict.outcomes:
        points = f"{points_text(outcome.points)}/{points_text(outcome.max_points)}"
        lines.append(f"  {SHAPES[outcome.status]} {outcome.status:<13} {points:>7}  {outcome.sentence}")
        details = [outcome.rationale]
        details += [f"Expected: {outcome.expected}"] if outcome.expected else []
        details += [f"Came back: {outcome.got}"] if outcome.got else []
        details += _named(outcome)
        lines += [f"        {detail}" for detail in details if detail]
        for evidence in outcome.evidence:
            lines += [f"        {line}" for line in _text_table(evidence)]
    return "\n".join(lines)


def _text_table(table: Table) -> list[str]:
    grid = [table.columns, *table.rows]
    widths = [max(len(row[i]) for row in grid) for i in range(len(table.columns))]
    body = ["  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in grid]
    return [f"{table.title}{_more(table)}", *body]
