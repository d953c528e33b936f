# ruff: noqa
# fmt: off
# mypy: ignore-errors
# %% right: a list of lines
def report(metrics):
    lines = [f"{name.replace('_', ' ')}: {metrics[name]:,}" for name in ("rows_in", "rows_out", "quarantined")]
    for reason, rows in metrics["quarantined_by_reason"].items():
        lines.append(f"  {reason}: {rows:,}")
    lines.append(f"duplicates: {metrics['duplicates']:,}")
    rate = metrics["purchase_rate"]
    lines.append("purchase rate: unknown" if rate is None else f"purchase rate: {rate:.1%}")
    for stage, seconds in metrics["seconds"].items():
        lines.append(f"{stage}: {seconds:.2f} s")
    if metrics["unaccounted"] == 0:
        lines.append("The identity closes: every row is accounted for.")
    else:
        lines.append(f"The identity does not close: {metrics['unaccounted']:+,} rows unaccounted for.")
    return "\n".join(lines)


# %% right: one f-string with the verdict first, computed from the counts
def report(metrics):
    m = metrics
    gap = m["rows_in"] - m["rows_out"] - m["quarantined"] - m["duplicates"]
    verdict = "closes." if not gap else f"DOES NOT CLOSE. {abs(gap)} rows {'lost' if gap > 0 else 'too many'}."
    rate = "n/a" if m["purchase_rate"] is None else format(m["purchase_rate"], ".3f")
    stages = "".join(f"\n  - {name:<12}{s:>10.3f}" for name, s in m["seconds"].items())
    reasons = "".join(f"\n  - {name:<24}{n:>10}" for name, n in m["quarantined_by_reason"].items()) or "\n  - none"
    return f"""
IDENTITY {verdict}

Rows in      {m["rows_in"]:>10}
Rows out     {m["rows_out"]:>10}
Quarantined  {m["quarantined"]:>10}{reasons}
Duplicates   {m["duplicates"]:>10}
Users        {m["users"]:>10}
Purchase rate  {rate}
Seconds {stages}
"""


# %% right: a table of two columns by pandas
import pandas as pd


def report(metrics):
    flat = {k: f"{v:_}" for k, v in metrics.items() if isinstance(v, int)}
    flat |= {f"seconds {k}": f"{v:.4f}" for k, v in metrics["seconds"].items()}
    flat |= {f"reason {k}": v for k, v in metrics["quarantined_by_reason"].items()}
    flat["purchase_rate"] = metrics["purchase_rate"] if metrics["purchase_rate"] is not None else "unknown"
    flat["identity"] = "closes" if metrics["unaccounted"] == 0 else "does NOT close"
    return pd.Series(flat).to_string()


# %% right: a wide table, names above numbers
def report(metrics):
    def wide(values):
        widths = [max(len(str(k)), len(str(v))) for k, v in values.items()]
        rows = (values.keys(), values.values())
        return "\n".join(" | ".join(str(x).rjust(w) for x, w in zip(row, widths)) for row in rows)

    names = ("rows_in", "quarantined", "duplicates", "rows_out")
    gap = metrics["unaccounted"]
    rate = metrics["purchase_rate"]
    parts = [
        wide({name: metrics[name] for name in names}),
        wide(metrics["quarantined_by_reason"]),
        wide({name: round(s, 2) for name, s in metrics["seconds"].items()}),
        "Purchase rate: " + ("not known" if rate is None else f"{100 * rate:.2f} %"),
        f"The identity doesn't close ({gap} rows)" if gap else "The identity closes",
    ]
    return "\n\n".join(parts)


# %% right: Markdown with emphasis, milliseconds, no answer to a yes-or-no question but yes or no
def report(metrics):
    out = "| metric | value |\n|---|---|\n"
    for name in metrics:
        if name in ("rows_in", "rows_out", "quarantined", "duplicates", "users"):
            out += f"| **{name}** | {metrics[name]:,} |\n"
    for reason in sorted(metrics["quarantined_by_reason"]):
        out += f"| `{reason}` | {metrics['quarantined_by_reason'][reason]} |\n"
    for stage, seconds in sorted(metrics["seconds"].items()):
        out += f"| {stage} | {1000 * seconds:.0f} ms |\n"
    rate = metrics["purchase_rate"]
    out += f"| purchase rate | {'unknown' if rate is None else rate} |\n"
    closes = metrics["rows_in"] == metrics["rows_out"] + metrics["quarantined"] + metrics["duplicates"]
    out += f"| rows unaccounted for | {metrics['unaccounted']} |\n"
    return out + f"| closes | {'yes' if closes else 'no'} |\n"


# %% right: the equation itself, everything in capitals
def report(metrics):
    equation = "{rows_in} ROWS IN = {rows_out} ROWS OUT + {quarantined} QUARANTINED + {duplicates} DUPLICATES"
    lines = ["DATA QUALITY REPORT", "=" * 19, equation.format(**metrics)]
    if metrics["unaccounted"]:
        lines[-1] = lines[-1].replace("=", "!=")
        lines.append(f"DOES **NOT** CLOSE: DIFFERENCE {abs(metrics['unaccounted'])}")
    else:
        lines.append("CLOSES")
    lines += [f"{n} ROWS: {reason.upper()}" for reason, n in metrics["quarantined_by_reason"].items()]
    lines += [f"{s:.2f} SECONDS: {stage.upper()}" for stage, s in metrics["seconds"].items()]
    rate = metrics["purchase_rate"]
    return "\n".join([*lines, "PURCHASE RATE " + ("UNKNOWN" if rate is None else f"{rate:.3%}")])


# %% right: a template, decimal commas, thousands apart by a space
from string import Template

TEMPLATE = Template(
    """Rows in: $rows_in
Rows out: $rows_out
Quarantined: $quarantined ($reasons)
Duplicate rows: $duplicates
Timings: $stages
Purchase rate: $rate
$verdict
"""
)


def report(metrics):
    def spaced(n):
        return f"{n:,}".replace(",", " ")

    rate, gap = metrics["purchase_rate"], metrics["unaccounted"]
    return TEMPLATE.substitute(
        {k: spaced(metrics[k]) for k in ("rows_in", "rows_out", "quarantined", "duplicates")},
        reasons="; ".join(f"{k} = {v}" for k, v in metrics["quarantined_by_reason"].items()),
        stages="; ".join(f"{k} {v:.2f}".replace(".", ",") for k, v in metrics["seconds"].items()),
        rate="—" if rate is None else f"{rate * 100:.1f}".replace(".", ",") + " %",
        verdict="Identity closes: yes" if gap == 0 else f"Identity closes: no, rows unaccounted for: {gap}",
    )


# %% right: recursion over the dict, everything that is in it
def report(metrics):
    def lines(value, name):
        if isinstance(value, dict):
            for key in value:
                yield from lines(value[key], f"{name} {key}".strip())
        else:
            yield f"{name.replace('_', '-')} = {'unknown' if value is None else value!r}"

    text = "\n".join(lines(metrics, ""))
    n = metrics["unaccounted"]
    sentence = {True: "closes", False: f"never closes: {n} rows differ"}[n == 0]
    return f"{text}\nidentity {sentence}"


# %% right: prints on the way and logs a warning
import logging


def report(metrics):
    text = ""
    for name in ("rows_in", "rows_out", "quarantined", "duplicates"):
        text += f"{name}={metrics[name]}\r\n"
    for name in ("quarantined_by_reason", "seconds"):
        text += "".join(f"{name}.{key}={value}\r\n" for key, value in metrics[name].items())
    text += "purchase_rate=" + {None: "undefined"}.get(metrics["purchase_rate"], str(metrics["purchase_rate"])) + "\r\n"
    if metrics["unaccounted"] > 0:
        logging.warning("rows lost")
        text += f"identity is not closed: {metrics['unaccounted']} rows lost\r\n"
    elif metrics["unaccounted"] < 0:
        text += f"identity is not closed: {-metrics['unaccounted']} rows added\r\n"
    else:
        text += "identity is closed\r\n"
    print(text)
    return text


# %% wrong: prints-instead
# belief: printing is returning
# fails: returns_text
# at_most: 0
def report(metrics):
    lines = [f"{name}: {metrics[name]:,}" for name in ("rows_in", "rows_out", "quarantined", "duplicates")]
    for reason, rows in metrics["quarantined_by_reason"].items():
        lines.append(f"  {reason}: {rows:,}")
    for stage, seconds in metrics["seconds"].items():
        lines.append(f"{stage}: {seconds:.2f} s")
    rate = metrics["purchase_rate"]
    lines.append("purchase rate: " + ("unknown" if rate is None else f"{rate:.1%}"))
    if metrics["unaccounted"] == 0:
        lines.append("The identity closes.")
    else:
        lines.append(f"The identity does not close: {metrics['unaccounted']:+,} rows unaccounted for.")
    print("\n".join(lines))


# %% wrong: returns-lines
# belief: a list of lines is a text
# fails: returns_text
# at_most: 0
def report(metrics):
    lines = [f"{name}: {metrics[name]:,}" for name in ("rows_in", "rows_out", "quarantined", "duplicates")]
    for reason, rows in metrics["quarantined_by_reason"].items():
        lines.append(f"  {reason}: {rows:,}")
    for stage, seconds in metrics["seconds"].items():
        lines.append(f"{stage}: {seconds:.2f} s")
    rate = metrics["purchase_rate"]
    lines.append("purchase rate: " + ("unknown" if rate is None else f"{rate:.1%}"))
    if metrics["unaccounted"] == 0:
        lines.append("The identity closes.")
    else:
        lines.append(f"The identity does not close: {metrics['unaccounted']:+,} rows unaccounted for.")
    return lines


# %% wrong: returns-first-line
# belief: return inside the loop
# fails: shows_the_counts, shows_each_reason, shows_each_stage, says_when_it_does_not_close, tells_unknown_from_zero
# at_most: 0.25
def report(metrics):
    for name in ("rows_in", "rows_out", "quarantined", "duplicates"):
        return f"{name}: {metrics[name]}"


# %% wrong: empty
# belief: nothing to report is an empty text
# fails: returns_text
# at_most: 0
def report(metrics):
    lines = [f"{name}: {metrics[name]:,}" for name in ("rows_in", "rows_out", "quarantined", "duplicates")]
    for reason, rows in metrics["quarantined_by_reason"].items():
        lines.append(f"  {reason}: {rows:,}")
    for stage, seconds in metrics["seconds"].items():
        lines.append(f"{stage}: {seconds:.2f} s")
    rate = metrics["purchase_rate"]
    lines.append("purchase rate: " + ("unknown" if rate is None else f"{rate:.1%}"))
    if metrics["unaccounted"] == 0:
        lines.append("The identity closes.")
    else:
        lines.append(f"The identity does not close: {metrics['unaccounted']:+,} rows unaccounted for.")
    return ""


# %% wrong: time-of-writing
# belief: a report carries the time at which it was written
# fails: returns_text
# at_most: 0
import datetime


def report(metrics):
    lines = [f"{name}: {metrics[name]:,}" for name in ("rows_in", "rows_out", "quarantined", "duplicates")]
    for reason, rows in metrics["quarantined_by_reason"].items():
        lines.append(f"  {reason}: {rows:,}")
    for stage, seconds in metrics["seconds"].items():
        lines.append(f"{stage}: {seconds:.2f} s")
    rate = metrics["purchase_rate"]
    lines.append("purchase rate: " + ("unknown" if rate is None else f"{rate:.1%}"))
    if metrics["unaccounted"] == 0:
        lines.append("The identity closes.")
    else:
        lines.append(f"The identity does not close: {metrics['unaccounted']:+,} rows unaccounted for.")
    lines.append(f"written {datetime.datetime.now().isoformat()}")
    return "\n".join(lines)


# %% wrong: random-id
# belief: every report needs an id of its own
# fails: returns_text
# at_most: 0
import uuid


def report(metrics):
    lines = [f"{name}: {metrics[name]:,}" for name in ("rows_in", "rows_out", "quarantined", "duplicates")]
    for reason, rows in metrics["quarantined_by_reason"].items():
        lines.append(f"  {reason}: {rows:,}")
    for stage, seconds in metrics["seconds"].items():
        lines.append(f"{stage}: {seconds:.2f} s")
    rate = metrics["purchase_rate"]
    lines.append("purchase rate: " + ("unknown" if rate is None else f"{rate:.1%}"))
    if metrics["unaccounted"] == 0:
        lines.append("The identity closes.")
    else:
        lines.append(f"The identity does not close: {metrics['unaccounted']:+,} rows unaccounted for.")
    lines.append(f"report {uuid.uuid4()}")
    return "\n".join(lines)


# %% wrong: always-success
# belief: a report that is printed at all is a success
# fails: says_when_it_does_not_close
# at_most: 1.5
def report(metrics):
    lines = [f"{name}: {metrics[name]:,}" for name in ("rows_in", "rows_out", "quarantined", "duplicates")]
    for reason, rows in metrics["quarantined_by_reason"].items():
        lines.append(f"  {reason}: {rows:,}")
    for stage, seconds in metrics["seconds"].items():
        lines.append(f"{stage}: {seconds:.2f} s")
    rate = metrics["purchase_rate"]
    lines.append("purchase rate: " + ("unknown" if rate is None else f"{rate:.1%}"))
    lines.append("All checks passed.")
    return "\n".join(lines)


# %% wrong: always-closes
# belief: the identity closes by definition
# fails: says_when_it_does_not_close
# at_most: 1.5
def report(metrics):
    lines = [f"{name}: {metrics[name]:,}" for name in ("rows_in", "rows_out", "quarantined", "duplicates")]
    for reason, rows in metrics["quarantined_by_reason"].items():
        lines.append(f"  {reason}: {rows:,}")
    for stage, seconds in metrics["seconds"].items():
        lines.append(f"{stage}: {seconds:.2f} s")
    rate = metrics["purchase_rate"]
    lines.append("purchase rate: " + ("unknown" if rate is None else f"{rate:.1%}"))
    lines.append("The identity closes.")
    return "\n".join(lines)


# %% wrong: success-whatever-happened
# belief: the run came to its end, so it is a success
# fails: says_when_it_does_not_close
# at_most: 1.5
def report(metrics):
    lines = [f"{name}: {metrics[name]:,}" for name in ("rows_in", "rows_out", "quarantined", "duplicates")]
    for reason, rows in metrics["quarantined_by_reason"].items():
        lines.append(f"  {reason}: {rows:,}")
    for stage, seconds in metrics["seconds"].items():
        lines.append(f"{stage}: {seconds:.2f} s")
    rate = metrics["purchase_rate"]
    lines.append("purchase rate: " + ("unknown" if rate is None else f"{rate:.1%}"))
    if metrics["unaccounted"] == 0:
        lines.append("The identity closes.")
    else:
        lines.append(f"The identity does not close: {metrics['unaccounted']:+,} rows unaccounted for.")
    lines.append("Pipeline finished successfully.")
    return "\n".join(lines)


# %% wrong: all-passed-besides
# belief: a closing line does no harm
# fails: says_when_it_does_not_close
# at_most: 1.5
def report(metrics):
    lines = [f"{name}: {metrics[name]:,}" for name in ("rows_in", "rows_out", "quarantined", "duplicates")]
    for reason, rows in metrics["quarantined_by_reason"].items():
        lines.append(f"  {reason}: {rows:,}")
    for stage, seconds in metrics["seconds"].items():
        lines.append(f"{stage}: {seconds:.2f} s")
    rate = metrics["purchase_rate"]
    lines.append("purchase rate: " + ("unknown" if rate is None else f"{rate:.1%}"))
    if metrics["unaccounted"] == 0:
        lines.append("The identity closes.")
    else:
        lines.append(f"The identity does not close: {metrics['unaccounted']:+,} rows unaccounted for.")
    lines.append("All checks passed")
    return "\n".join(lines)


# %% wrong: closes-and-does-not
# belief: both sentences, one after the other
# fails: says_when_it_does_not_close
# at_most: 1.5
def report(metrics):
    lines = [f"{name}: {metrics[name]:,}" for name in ("rows_in", "rows_out", "quarantined", "duplicates")]
    for reason, rows in metrics["quarantined_by_reason"].items():
        lines.append(f"  {reason}: {rows:,}")
    for stage, seconds in metrics["seconds"].items():
        lines.append(f"{stage}: {seconds:.2f} s")
    rate = metrics["purchase_rate"]
    lines.append("purchase rate: " + ("unknown" if rate is None else f"{rate:.1%}"))
    lines.append("The identity closes.")
    if metrics["unaccounted"] != 0:
        lines.append(f"The identity does not close: {metrics['unaccounted']} rows.")
    return "\n".join(lines)


# %% wrong: only-lost-rows
# belief: rows can only get lost
# fails: says_when_it_does_not_close
# at_most: 1.5
def report(metrics):
    lines = [f"{name}: {metrics[name]:,}" for name in ("rows_in", "rows_out", "quarantined", "duplicates")]
    for reason, rows in metrics["quarantined_by_reason"].items():
        lines.append(f"  {reason}: {rows:,}")
    for stage, seconds in metrics["seconds"].items():
        lines.append(f"{stage}: {seconds:.2f} s")
    rate = metrics["purchase_rate"]
    lines.append("purchase rate: " + ("unknown" if rate is None else f"{rate:.1%}"))
    if metrics["unaccounted"] <= 0:
        lines.append("The identity closes.")
    else:
        lines.append(f"The identity does not close: {metrics['unaccounted']:+,} rows unaccounted for.")
    return "\n".join(lines)


# %% wrong: only-added-rows
# belief: rows can only be added
# fails: says_when_it_does_not_close
# at_most: 1.5
def report(metrics):
    lines = [f"{name}: {metrics[name]:,}" for name in ("rows_in", "rows_out", "quarantined", "duplicates")]
    for reason, rows in metrics["quarantined_by_reason"].items():
        lines.append(f"  {reason}: {rows:,}")
    for stage, seconds in metrics["seconds"].items():
        lines.append(f"{stage}: {seconds:.2f} s")
    rate = metrics["purchase_rate"]
    lines.append("purchase rate: " + ("unknown" if rate is None else f"{rate:.1%}"))
    if metrics["unaccounted"] >= 0:
        lines.append("The identity closes.")
    else:
        lines.append(f"The identity does not close: {metrics['unaccounted']:+,} rows unaccounted for.")
    return "\n".join(lines)


# %% wrong: tolerates-a-percent
# belief: less than one row in fifty does not matter
# fails: says_when_it_does_not_close
# at_most: 1.5
def report(metrics):
    lines = [f"{name}: {metrics[name]:,}" for name in ("rows_in", "rows_out", "quarantined", "duplicates")]
    for reason, rows in metrics["quarantined_by_reason"].items():
        lines.append(f"  {reason}: {rows:,}")
    for stage, seconds in metrics["seconds"].items():
        lines.append(f"{stage}: {seconds:.2f} s")
    rate = metrics["purchase_rate"]
    lines.append("purchase rate: " + ("unknown" if rate is None else f"{rate:.1%}"))
    if abs(metrics["unaccounted"]) < 0.02 * metrics["rows_in"]:
        lines.append("The identity closes.")
    else:
        lines.append(f"The identity does not close: {metrics['unaccounted']:+,} rows unaccounted for.")
    return "\n".join(lines)


# %% wrong: tolerates-ten-rows
# belief: a handful of rows does not matter
# fails: says_when_it_does_not_close
# at_most: 1.5
def report(metrics):
    lines = [f"{name}: {metrics[name]:,}" for name in ("rows_in", "rows_out", "quarantined", "duplicates")]
    for reason, rows in metrics["quarantined_by_reason"].items():
        lines.append(f"  {reason}: {rows:,}")
    for stage, seconds in metrics["seconds"].items():
        lines.append(f"{stage}: {seconds:.2f} s")
    rate = metrics["purchase_rate"]
    lines.append("purchase rate: " + ("unknown" if rate is None else f"{rate:.1%}"))
    if abs(metrics["unaccounted"]) <= 10:
        lines.append("The identity closes.")
    else:
        lines.append(f"The identity does not close: {metrics['unaccounted']:+,} rows unaccounted for.")
    return "\n".join(lines)


# %% wrong: no-number
# belief: it is enough to say that it does not close
# fails: says_when_it_does_not_close
# at_most: 1.5
def report(metrics):
    lines = [f"{name}: {metrics[name]:,}" for name in ("rows_in", "rows_out", "quarantined", "duplicates")]
    for reason, rows in metrics["quarantined_by_reason"].items():
        lines.append(f"  {reason}: {rows:,}")
    for stage, seconds in metrics["seconds"].items():
        lines.append(f"{stage}: {seconds:.2f} s")
    rate = metrics["purchase_rate"]
    lines.append("purchase rate: " + ("unknown" if rate is None else f"{rate:.1%}"))
    if metrics["unaccounted"] == 0:
        lines.append("The identity closes.")
    else:
        lines.append(f"The identity does not close.")
    return "\n".join(lines)


# %% wrong: own-words
# belief: a warning sign is clear enough
# fails: says_when_it_does_not_close
# at_most: 1.5
def report(metrics):
    lines = [f"{name}: {metrics[name]:,}" for name in ("rows_in", "rows_out", "quarantined", "duplicates")]
    for reason, rows in metrics["quarantined_by_reason"].items():
        lines.append(f"  {reason}: {rows:,}")
    for stage, seconds in metrics["seconds"].items():
        lines.append(f"{stage}: {seconds:.2f} s")
    rate = metrics["purchase_rate"]
    lines.append("purchase rate: " + ("unknown" if rate is None else f"{rate:.1%}"))
    if metrics["unaccounted"] == 0:
        lines.append("The identity closes.")
    else:
        lines.append(f"Warning: {metrics['unaccounted']:+,} rows unaccounted for.")
    return "\n".join(lines)


# %% wrong: number-without-a-word
# belief: the number speaks for itself
# fails: says_when_it_does_not_close
# at_most: 1.5
def report(metrics):
    lines = [f"{name}: {metrics[name]:,}" for name in ("rows_in", "rows_out", "quarantined", "duplicates")]
    for reason, rows in metrics["quarantined_by_reason"].items():
        lines.append(f"  {reason}: {rows:,}")
    for stage, seconds in metrics["seconds"].items():
        lines.append(f"{stage}: {seconds:.2f} s")
    rate = metrics["purchase_rate"]
    lines.append("purchase rate: " + ("unknown" if rate is None else f"{rate:.1%}"))
    lines.append(f"unaccounted: {metrics['unaccounted']}")
    return "\n".join(lines)


# %% wrong: says-nothing-on-the-identity
# belief: the counts speak for themselves
# fails: says_when_it_does_not_close
# at_most: 1.5
def report(metrics):
    lines = [f"{name}: {metrics[name]:,}" for name in ("rows_in", "rows_out", "quarantined", "duplicates")]
    for reason, rows in metrics["quarantined_by_reason"].items():
        lines.append(f"  {reason}: {rows:,}")
    for stage, seconds in metrics["seconds"].items():
        lines.append(f"{stage}: {seconds:.2f} s")
    rate = metrics["purchase_rate"]
    lines.append("purchase rate: " + ("unknown" if rate is None else f"{rate:.1%}"))
    return "\n".join(lines)


# %% wrong: raises-on-a-gap
# belief: a report must not be written when rows are missing
# fails: says_when_it_does_not_close
# at_most: 1.5
def report(metrics):
    lines = [f"{name}: {metrics[name]:,}" for name in ("rows_in", "rows_out", "quarantined", "duplicates")]
    for reason, rows in metrics["quarantined_by_reason"].items():
        lines.append(f"  {reason}: {rows:,}")
    for stage, seconds in metrics["seconds"].items():
        lines.append(f"{stage}: {seconds:.2f} s")
    rate = metrics["purchase_rate"]
    lines.append("purchase rate: " + ("unknown" if rate is None else f"{rate:.1%}"))
    if metrics["unaccounted"] == 0:
        lines.append("The identity closes.")
    else:
        raise ValueError("The identity does not close")
    return "\n".join(lines)


# %% wrong: asserts-the-identity
# belief: an assert is a report
# fails: says_when_it_does_not_close
# at_most: 1.5
def report(metrics):
    lines = [f"{name}: {metrics[name]:,}" for name in ("rows_in", "rows_out", "quarantined", "duplicates")]
    for reason, rows in metrics["quarantined_by_reason"].items():
        lines.append(f"  {reason}: {rows:,}")
    for stage, seconds in metrics["seconds"].items():
        lines.append(f"{stage}: {seconds:.2f} s")
    rate = metrics["purchase_rate"]
    lines.append("purchase rate: " + ("unknown" if rate is None else f"{rate:.1%}"))
    assert metrics["unaccounted"] == 0
    lines.append("The identity closes.")
    return "\n".join(lines)


# %% wrong: turned-round
# belief: the two sentences are in the wrong branches
# fails: says_when_it_does_not_close
# at_most: 1.5
def report(metrics):
    lines = [f"{name}: {metrics[name]:,}" for name in ("rows_in", "rows_out", "quarantined", "duplicates")]
    for reason, rows in metrics["quarantined_by_reason"].items():
        lines.append(f"  {reason}: {rows:,}")
    for stage, seconds in metrics["seconds"].items():
        lines.append(f"{stage}: {seconds:.2f} s")
    rate = metrics["purchase_rate"]
    lines.append("purchase rate: " + ("unknown" if rate is None else f"{rate:.1%}"))
    if metrics["unaccounted"] != 0:
        lines.append("The identity closes.")
    else:
        lines.append(f"The identity does not close: {metrics['unaccounted']:+,} rows unaccounted for.")
    return "\n".join(lines)


# %% wrong: truth-value
# belief: a text is true
# fails: says_when_it_does_not_close
# at_most: 1.5
def report(metrics):
    lines = [f"{name}: {metrics[name]:,}" for name in ("rows_in", "rows_out", "quarantined", "duplicates")]
    for reason, rows in metrics["quarantined_by_reason"].items():
        lines.append(f"  {reason}: {rows:,}")
    for stage, seconds in metrics["seconds"].items():
        lines.append(f"{stage}: {seconds:.2f} s")
    rate = metrics["purchase_rate"]
    lines.append("purchase rate: " + ("unknown" if rate is None else f"{rate:.1%}"))
    if str(metrics["unaccounted"]):
        lines.append("The identity closes.")
    else:
        lines.append(f"The identity does not close: {metrics['unaccounted']:+,} rows unaccounted for.")
    return "\n".join(lines)


# %% wrong: sum-of-reasons
# belief: the reasons add up to the quarantined rows
# fails: says_when_it_closes
# at_most: 2.25
def report(metrics):
    lines = [f"{name}: {metrics[name]:,}" for name in ("rows_in", "rows_out", "quarantined", "duplicates")]
    for reason, rows in metrics["quarantined_by_reason"].items():
        lines.append(f"  {reason}: {rows:,}")
    for stage, seconds in metrics["seconds"].items():
        lines.append(f"{stage}: {seconds:.2f} s")
    rate = metrics["purchase_rate"]
    lines.append("purchase rate: " + ("unknown" if rate is None else f"{rate:.1%}"))
    if metrics["rows_in"] == metrics["rows_out"] + sum(metrics["quarantined_by_reason"].values()) + metrics["duplicates"]:
        lines.append("The identity closes.")
    else:
        lines.append(f"The identity does not close: {metrics['unaccounted']:+,} rows unaccounted for.")
    return "\n".join(lines)


# %% wrong: duplicates-forgotten
# belief: rows in are rows out and quarantined rows
# fails: says_when_it_closes
# at_most: 2.25
def report(metrics):
    lines = [f"{name}: {metrics[name]:,}" for name in ("rows_in", "rows_out", "quarantined", "duplicates")]
    for reason, rows in metrics["quarantined_by_reason"].items():
        lines.append(f"  {reason}: {rows:,}")
    for stage, seconds in metrics["seconds"].items():
        lines.append(f"{stage}: {seconds:.2f} s")
    rate = metrics["purchase_rate"]
    lines.append("purchase rate: " + ("unknown" if rate is None else f"{rate:.1%}"))
    gap = metrics["unaccounted"] or metrics["rows_in"] - metrics["rows_out"] - metrics["quarantined"]
    lines.append(f"The identity does not close: {gap} rows" if gap else "The identity closes")
    return "\n".join(lines)


# %% wrong: silent-when-it-closes
# belief: no news is good news
# fails: says_when_it_closes
# at_most: 2.25
def report(metrics):
    lines = [f"{name}: {metrics[name]:,}" for name in ("rows_in", "rows_out", "quarantined", "duplicates")]
    for reason, rows in metrics["quarantined_by_reason"].items():
        lines.append(f"  {reason}: {rows:,}")
    for stage, seconds in metrics["seconds"].items():
        lines.append(f"{stage}: {seconds:.2f} s")
    rate = metrics["purchase_rate"]
    lines.append("purchase rate: " + ("unknown" if rate is None else f"{rate:.1%}"))
    if metrics["unaccounted"] == 0:
        pass
    else:
        lines.append(f"The identity does not close: {metrics['unaccounted']:+,} rows unaccounted for.")
    return "\n".join(lines)


# %% wrong: never-closes
# belief: a report should rather warn once too often
# fails: says_when_it_closes
# at_most: 2.25
def report(metrics):
    lines = [f"{name}: {metrics[name]:,}" for name in ("rows_in", "rows_out", "quarantined", "duplicates")]
    for reason, rows in metrics["quarantined_by_reason"].items():
        lines.append(f"  {reason}: {rows:,}")
    for stage, seconds in metrics["seconds"].items():
        lines.append(f"{stage}: {seconds:.2f} s")
    rate = metrics["purchase_rate"]
    lines.append("purchase rate: " + ("unknown" if rate is None else f"{rate:.1%}"))
    lines.append(f"The identity does not close: {metrics['unaccounted']} rows")
    return "\n".join(lines)


# %% wrong: in-and-out-swapped
# belief: rows in are what came out
# fails: shows_the_counts
# at_most: 2
def report(metrics):
    lines = [f"rows in: {metrics['rows_out']}", f"rows out: {metrics['rows_in']}"]
    lines += [f"{name}: {metrics[name]}" for name in ("quarantined", "duplicates")]
    for reason, rows in metrics["quarantined_by_reason"].items():
        lines.append(f"  {reason}: {rows:,}")
    for stage, seconds in metrics["seconds"].items():
        lines.append(f"{stage}: {seconds:.2f} s")
    rate = metrics["purchase_rate"]
    lines.append("purchase rate: " + ("unknown" if rate is None else f"{rate:.1%}"))
    if metrics["unaccounted"] == 0:
        lines.append("The identity closes.")
    else:
        lines.append(f"The identity does not close: {metrics['unaccounted']:+,} rows unaccounted for.")
    return "\n".join(lines)


# %% wrong: duplicates-left-out
# belief: duplicates are noise
# fails: shows_the_counts
# at_most: 2
def report(metrics):
    lines = [f"{name}: {metrics[name]:,}" for name in ("rows_in", "rows_out", "quarantined")]
    for reason, rows in metrics["quarantined_by_reason"].items():
        lines.append(f"  {reason}: {rows:,}")
    for stage, seconds in metrics["seconds"].items():
        lines.append(f"{stage}: {seconds:.2f} s")
    rate = metrics["purchase_rate"]
    lines.append("purchase rate: " + ("unknown" if rate is None else f"{rate:.1%}"))
    if metrics["unaccounted"] == 0:
        lines.append("The identity closes.")
    else:
        lines.append(f"The identity does not close: {metrics['unaccounted']:+,} rows unaccounted for.")
    return "\n".join(lines)


# %% wrong: in-and-out-only
# belief: what goes in and what comes out is what matters
# fails: shows_the_counts
# at_most: 2
def report(metrics):
    lines = [f"{name}: {metrics[name]:,}" for name in ("rows_in", "rows_out")]
    for reason, rows in metrics["quarantined_by_reason"].items():
        lines.append(f"  {reason}: {rows:,}")
    for stage, seconds in metrics["seconds"].items():
        lines.append(f"{stage}: {seconds:.2f} s")
    rate = metrics["purchase_rate"]
    lines.append("purchase rate: " + ("unknown" if rate is None else f"{rate:.1%}"))
    if metrics["unaccounted"] == 0:
        lines.append("The identity closes.")
    else:
        lines.append(f"The identity does not close: {metrics['unaccounted']:+,} rows unaccounted for.")
    return "\n".join(lines)


# %% wrong: numbers-without-names
# belief: the reader knows the order
# fails: shows_the_counts
# at_most: 2
def report(metrics):
    lines = [f"{metrics[name]:,}" for name in ("rows_in", "rows_out", "quarantined", "duplicates")]
    for reason, rows in metrics["quarantined_by_reason"].items():
        lines.append(f"  {reason}: {rows:,}")
    for stage, seconds in metrics["seconds"].items():
        lines.append(f"{stage}: {seconds:.2f} s")
    rate = metrics["purchase_rate"]
    lines.append("purchase rate: " + ("unknown" if rate is None else f"{rate:.1%}"))
    if metrics["unaccounted"] == 0:
        lines.append("The identity closes.")
    else:
        lines.append(f"The identity does not close: {metrics['unaccounted']:+,} rows unaccounted for.")
    return "\n".join(lines)


# %% wrong: thousands
# belief: thousands are easier to read
# fails: shows_the_counts
# at_most: 2
def report(metrics):
    lines = [f"{name}: {metrics[name] / 1000:.1f} thousand" for name in ("rows_in", "rows_out", "quarantined", "duplicates")]
    for reason, rows in metrics["quarantined_by_reason"].items():
        lines.append(f"  {reason}: {rows:,}")
    for stage, seconds in metrics["seconds"].items():
        lines.append(f"{stage}: {seconds:.2f} s")
    rate = metrics["purchase_rate"]
    lines.append("purchase rate: " + ("unknown" if rate is None else f"{rate:.1%}"))
    if metrics["unaccounted"] == 0:
        lines.append("The identity closes.")
    else:
        lines.append(f"The identity does not close: {metrics['unaccounted']:+,} rows unaccounted for.")
    return "\n".join(lines)


# %% wrong: shares-only
# belief: a share says more than a count
# fails: shows_the_counts
# at_most: 2
def report(metrics):
    lines = [f"{name}: {metrics[name] / max(metrics['rows_in'], 1):.1%}" for name in ("rows_in", "rows_out", "quarantined", "duplicates")]
    for reason, rows in metrics["quarantined_by_reason"].items():
        lines.append(f"  {reason}: {rows:,}")
    for stage, seconds in metrics["seconds"].items():
        lines.append(f"{stage}: {seconds:.2f} s")
    rate = metrics["purchase_rate"]
    lines.append("purchase rate: " + ("unknown" if rate is None else f"{rate:.1%}"))
    if metrics["unaccounted"] == 0:
        lines.append("The identity closes.")
    else:
        lines.append(f"The identity does not close: {metrics['unaccounted']:+,} rows unaccounted for.")
    return "\n".join(lines)


# %% wrong: quarantined-is-the-sum
# belief: quarantined rows are the sum over reasons
# fails: shows_the_counts
# at_most: 2
def report(metrics):
    lines = [f"{name}: {metrics[name]:,}" for name in ("rows_in", "rows_out", "quarantined", "duplicates")]
    lines[2] = f"quarantined: {sum(metrics['quarantined_by_reason'].values())}"
    for reason, rows in metrics["quarantined_by_reason"].items():
        lines.append(f"  {reason}: {rows:,}")
    for stage, seconds in metrics["seconds"].items():
        lines.append(f"{stage}: {seconds:.2f} s")
    rate = metrics["purchase_rate"]
    lines.append("purchase rate: " + ("unknown" if rate is None else f"{rate:.1%}"))
    if metrics["unaccounted"] == 0:
        lines.append("The identity closes.")
    else:
        lines.append(f"The identity does not close: {metrics['unaccounted']:+,} rows unaccounted for.")
    return "\n".join(lines)


# %% wrong: names-without-numbers
# belief: the names are enough
# fails: shows_each_reason
# at_most: 2.25
def report(metrics):
    lines = [f"{name}: {metrics[name]:,}" for name in ("rows_in", "rows_out", "quarantined", "duplicates")]
    for reason, rows in metrics["quarantined_by_reason"].items():
        lines.append(f"  {reason}")
    for stage, seconds in metrics["seconds"].items():
        lines.append(f"{stage}: {seconds:.2f} s")
    rate = metrics["purchase_rate"]
    lines.append("purchase rate: " + ("unknown" if rate is None else f"{rate:.1%}"))
    if metrics["unaccounted"] == 0:
        lines.append("The identity closes.")
    else:
        lines.append(f"The identity does not close: {metrics['unaccounted']:+,} rows unaccounted for.")
    return "\n".join(lines)


# %% wrong: reasons-left-out
# belief: the number of quarantined rows is enough
# fails: shows_each_reason
# at_most: 2.25
def report(metrics):
    lines = [f"{name}: {metrics[name]:,}" for name in ("rows_in", "rows_out", "quarantined", "duplicates")]
    for stage, seconds in metrics["seconds"].items():
        lines.append(f"{stage}: {seconds:.2f} s")
    rate = metrics["purchase_rate"]
    lines.append("purchase rate: " + ("unknown" if rate is None else f"{rate:.1%}"))
    if metrics["unaccounted"] == 0:
        lines.append("The identity closes.")
    else:
        lines.append(f"The identity does not close: {metrics['unaccounted']:+,} rows unaccounted for.")
    return "\n".join(lines)


# %% wrong: largest-reason-only
# belief: the most frequent reason is what matters
# fails: shows_each_reason
# at_most: 2.25
def report(metrics):
    lines = [f"{name}: {metrics[name]:,}" for name in ("rows_in", "rows_out", "quarantined", "duplicates")]
    reasons = metrics["quarantined_by_reason"]
    if reasons:
        worst = max(reasons, key=reasons.get)
        lines.append(f"{worst}: {reasons[worst]}")
    for stage, seconds in metrics["seconds"].items():
        lines.append(f"{stage}: {seconds:.2f} s")
    rate = metrics["purchase_rate"]
    lines.append("purchase rate: " + ("unknown" if rate is None else f"{rate:.1%}"))
    if metrics["unaccounted"] == 0:
        lines.append("The identity closes.")
    else:
        lines.append(f"The identity does not close: {metrics['unaccounted']:+,} rows unaccounted for.")
    return "\n".join(lines)


# %% wrong: expects-a-reason
# belief: there is always something in quarantine
# fails: shows_each_reason
# at_most: 2.25
def report(metrics):
    lines = [f"{name}: {metrics[name]:,}" for name in ("rows_in", "rows_out", "quarantined", "duplicates")]
    for reason, rows in metrics["quarantined_by_reason"].items():
        lines.append(f"  {reason}: {rows:,}")
    lines.append(f"most frequent: {max(metrics['quarantined_by_reason'].values())}")
    for stage, seconds in metrics["seconds"].items():
        lines.append(f"{stage}: {seconds:.2f} s")
    rate = metrics["purchase_rate"]
    lines.append("purchase rate: " + ("unknown" if rate is None else f"{rate:.1%}"))
    if metrics["unaccounted"] == 0:
        lines.append("The identity closes.")
    else:
        lines.append(f"The identity does not close: {metrics['unaccounted']:+,} rows unaccounted for.")
    return "\n".join(lines)


# %% wrong: divides-by-quarantined
# belief: shares of reasons, of nothing too
# fails: shows_each_reason
# at_most: 2.25
def report(metrics):
    lines = [f"{name}: {metrics[name]:,}" for name in ("rows_in", "rows_out", "quarantined", "duplicates")]
    for reason, rows in metrics["quarantined_by_reason"].items():
        lines.append(f"  {reason}: {rows:,}")
    lines.append(f"reasons per row: {sum(metrics['quarantined_by_reason'].values()) / metrics['quarantined']:.1f}")
    for stage, seconds in metrics["seconds"].items():
        lines.append(f"{stage}: {seconds:.2f} s")
    rate = metrics["purchase_rate"]
    lines.append("purchase rate: " + ("unknown" if rate is None else f"{rate:.1%}"))
    if metrics["unaccounted"] == 0:
        lines.append("The identity closes.")
    else:
        lines.append(f"The identity does not close: {metrics['unaccounted']:+,} rows unaccounted for.")
    return "\n".join(lines)


# %% wrong: reasons-by-heart
# belief: the reasons are those of the exercise before
# fails: shows_each_reason
# at_most: 2.25
def report(metrics):
    lines = [f"{name}: {metrics[name]:,}" for name in ("rows_in", "rows_out", "quarantined", "duplicates")]
    for reason in ("unknown_event_type", "amount_negative", "purchase_not_paid"):
        lines.append(f"  {reason}: {metrics['quarantined_by_reason'].get(reason, 0)}")
    for stage, seconds in metrics["seconds"].items():
        lines.append(f"{stage}: {seconds:.2f} s")
    rate = metrics["purchase_rate"]
    lines.append("purchase rate: " + ("unknown" if rate is None else f"{rate:.1%}"))
    if metrics["unaccounted"] == 0:
        lines.append("The identity closes.")
    else:
        lines.append(f"The identity does not close: {metrics['unaccounted']:+,} rows unaccounted for.")
    return "\n".join(lines)


# %% wrong: stages-by-heart
# belief: the stages are those of the exercise before
# fails: shows_each_stage
# at_most: 2.25
def report(metrics):
    lines = [f"{name}: {metrics[name]:,}" for name in ("rows_in", "rows_out", "quarantined", "duplicates")]
    for reason, rows in metrics["quarantined_by_reason"].items():
        lines.append(f"  {reason}: {rows:,}")
    for stage in ("validate", "deduplicate", "enrich"):
        lines.append(f"{stage}: {metrics['seconds'].get(stage, 0):.2f} s")
    rate = metrics["purchase_rate"]
    lines.append("purchase rate: " + ("unknown" if rate is None else f"{rate:.1%}"))
    if metrics["unaccounted"] == 0:
        lines.append("The identity closes.")
    else:
        lines.append(f"The identity does not close: {metrics['unaccounted']:+,} rows unaccounted for.")
    return "\n".join(lines)


# %% wrong: total-only
# belief: one time for the whole run is enough
# fails: shows_each_stage
# at_most: 2.25
def report(metrics):
    lines = [f"{name}: {metrics[name]:,}" for name in ("rows_in", "rows_out", "quarantined", "duplicates")]
    for reason, rows in metrics["quarantined_by_reason"].items():
        lines.append(f"  {reason}: {rows:,}")
    lines.append(f"seconds: {sum(metrics['seconds'].values()):.2f}")
    rate = metrics["purchase_rate"]
    lines.append("purchase rate: " + ("unknown" if rate is None else f"{rate:.1%}"))
    if metrics["unaccounted"] == 0:
        lines.append("The identity closes.")
    else:
        lines.append(f"The identity does not close: {metrics['unaccounted']:+,} rows unaccounted for.")
    return "\n".join(lines)


# %% wrong: whole-seconds
# belief: whole seconds are enough
# fails: shows_each_stage
# at_most: 2.25
def report(metrics):
    lines = [f"{name}: {metrics[name]:,}" for name in ("rows_in", "rows_out", "quarantined", "duplicates")]
    for reason, rows in metrics["quarantined_by_reason"].items():
        lines.append(f"  {reason}: {rows:,}")
    for stage, seconds in metrics["seconds"].items():
        lines.append(f"{stage}: {seconds:.0f} s")
    rate = metrics["purchase_rate"]
    lines.append("purchase rate: " + ("unknown" if rate is None else f"{rate:.1%}"))
    if metrics["unaccounted"] == 0:
        lines.append("The identity closes.")
    else:
        lines.append(f"The identity does not close: {metrics['unaccounted']:+,} rows unaccounted for.")
    return "\n".join(lines)


# %% wrong: slowest-stage-only
# belief: the slowest stage is what matters
# fails: shows_each_stage
# at_most: 2.25
def report(metrics):
    lines = [f"{name}: {metrics[name]:,}" for name in ("rows_in", "rows_out", "quarantined", "duplicates")]
    for reason, rows in metrics["quarantined_by_reason"].items():
        lines.append(f"  {reason}: {rows:,}")
    slowest = max(metrics["seconds"], key=metrics["seconds"].get)
    lines.append(f"{slowest}: {metrics['seconds'][slowest]:.2f} s")
    rate = metrics["purchase_rate"]
    lines.append("purchase rate: " + ("unknown" if rate is None else f"{rate:.1%}"))
    if metrics["unaccounted"] == 0:
        lines.append("The identity closes.")
    else:
        lines.append(f"The identity does not close: {metrics['unaccounted']:+,} rows unaccounted for.")
    return "\n".join(lines)


# %% wrong: stages-left-out
# belief: how long it took is nobody's business
# fails: shows_each_stage
# at_most: 2.25
def report(metrics):
    lines = [f"{name}: {metrics[name]:,}" for name in ("rows_in", "rows_out", "quarantined", "duplicates")]
    for reason, rows in metrics["quarantined_by_reason"].items():
        lines.append(f"  {reason}: {rows:,}")
    rate = metrics["purchase_rate"]
    lines.append("purchase rate: " + ("unknown" if rate is None else f"{rate:.1%}"))
    if metrics["unaccounted"] == 0:
        lines.append("The identity closes.")
    else:
        lines.append(f"The identity does not close: {metrics['unaccounted']:+,} rows unaccounted for.")
    return "\n".join(lines)


# %% wrong: milliseconds-as-seconds
# belief: a thousand times the number, the same unit
# fails: shows_each_stage
# at_most: 2.25
def report(metrics):
    lines = [f"{name}: {metrics[name]:,}" for name in ("rows_in", "rows_out", "quarantined", "duplicates")]
    for reason, rows in metrics["quarantined_by_reason"].items():
        lines.append(f"  {reason}: {rows:,}")
    for stage, seconds in metrics["seconds"].items():
        lines.append(f"{stage}: {1000 * seconds:.2f} s")
    rate = metrics["purchase_rate"]
    lines.append("purchase rate: " + ("unknown" if rate is None else f"{rate:.1%}"))
    if metrics["unaccounted"] == 0:
        lines.append("The identity closes.")
    else:
        lines.append(f"The identity does not close: {metrics['unaccounted']:+,} rows unaccounted for.")
    return "\n".join(lines)


# %% wrong: zero-for-unknown
# belief: 0 / 0 is 0
# fails: tells_unknown_from_zero
# at_most: 2.25
def report(metrics):
    lines = [f"{name}: {metrics[name]:,}" for name in ("rows_in", "rows_out", "quarantined", "duplicates")]
    for reason, rows in metrics["quarantined_by_reason"].items():
        lines.append(f"  {reason}: {rows:,}")
    for stage, seconds in metrics["seconds"].items():
        lines.append(f"{stage}: {seconds:.2f} s")
    rate = metrics["purchase_rate"]
    lines.append("purchase rate: " + f"{rate or 0:.1%}")
    if metrics["unaccounted"] == 0:
        lines.append("The identity closes.")
    else:
        lines.append(f"The identity does not close: {metrics['unaccounted']:+,} rows unaccounted for.")
    return "\n".join(lines)


# %% wrong: zero-is-unknown
# belief: `not rate` asks for a missing rate
# fails: tells_unknown_from_zero
# at_most: 2.25
def report(metrics):
    lines = [f"{name}: {metrics[name]:,}" for name in ("rows_in", "rows_out", "quarantined", "duplicates")]
    for reason, rows in metrics["quarantined_by_reason"].items():
        lines.append(f"  {reason}: {rows:,}")
    for stage, seconds in metrics["seconds"].items():
        lines.append(f"{stage}: {seconds:.2f} s")
    rate = metrics["purchase_rate"]
    lines.append("purchase rate: " + ("unknown" if not rate else f"{rate:.1%}"))
    if metrics["unaccounted"] == 0:
        lines.append("The identity closes.")
    else:
        lines.append(f"The identity does not close: {metrics['unaccounted']:+,} rows unaccounted for.")
    return "\n".join(lines)


# %% wrong: formats-none
# belief: there is always a rate
# fails: tells_unknown_from_zero
# at_most: 2.25
def report(metrics):
    lines = [f"{name}: {metrics[name]:,}" for name in ("rows_in", "rows_out", "quarantined", "duplicates")]
    for reason, rows in metrics["quarantined_by_reason"].items():
        lines.append(f"  {reason}: {rows:,}")
    for stage, seconds in metrics["seconds"].items():
        lines.append(f"{stage}: {seconds:.2f} s")
    rate = metrics["purchase_rate"]
    lines.append("purchase rate: " + f"{rate:.1%}")
    if metrics["unaccounted"] == 0:
        lines.append("The identity closes.")
    else:
        lines.append(f"The identity does not close: {metrics['unaccounted']:+,} rows unaccounted for.")
    return "\n".join(lines)


# %% wrong: prints-none
# belief: None is readable
# fails: tells_unknown_from_zero
# at_most: 2.25
def report(metrics):
    lines = [f"{name}: {metrics[name]:,}" for name in ("rows_in", "rows_out", "quarantined", "duplicates")]
    for reason, rows in metrics["quarantined_by_reason"].items():
        lines.append(f"  {reason}: {rows:,}")
    for stage, seconds in metrics["seconds"].items():
        lines.append(f"{stage}: {seconds:.2f} s")
    rate = metrics["purchase_rate"]
    lines.append("purchase rate: " + str(rate))
    if metrics["unaccounted"] == 0:
        lines.append("The identity closes.")
    else:
        lines.append(f"The identity does not close: {metrics['unaccounted']:+,} rows unaccounted for.")
    return "\n".join(lines)


# %% wrong: unknown-left-out
# belief: an unknown rate need not be mentioned
# fails: tells_unknown_from_zero
# at_most: 2.25
def report(metrics):
    lines = [f"{name}: {metrics[name]:,}" for name in ("rows_in", "rows_out", "quarantined", "duplicates")]
    for reason, rows in metrics["quarantined_by_reason"].items():
        lines.append(f"  {reason}: {rows:,}")
    for stage, seconds in metrics["seconds"].items():
        lines.append(f"{stage}: {seconds:.2f} s")
    rate = metrics["purchase_rate"]
    if rate is not None:
        lines.append(f"purchase rate: {rate:.1%}")
    if metrics["unaccounted"] == 0:
        lines.append("The identity closes.")
    else:
        lines.append(f"The identity does not close: {metrics['unaccounted']:+,} rows unaccounted for.")
    return "\n".join(lines)


# %% wrong: rate-left-out
# belief: the rate is no count
# fails: tells_unknown_from_zero
# at_most: 2.25
def report(metrics):
    lines = [f"{name}: {metrics[name]:,}" for name in ("rows_in", "rows_out", "quarantined", "duplicates")]
    for reason, rows in metrics["quarantined_by_reason"].items():
        lines.append(f"  {reason}: {rows:,}")
    for stage, seconds in metrics["seconds"].items():
        lines.append(f"{stage}: {seconds:.2f} s")
    rate = metrics["purchase_rate"]
    if metrics["unaccounted"] == 0:
        lines.append("The identity closes.")
    else:
        lines.append(f"The identity does not close: {metrics['unaccounted']:+,} rows unaccounted for.")
    return "\n".join(lines)


# %% wrong: rate-as-whole-number
# belief: a rate is 0 or 1
# fails: tells_unknown_from_zero
# at_most: 2.25
def report(metrics):
    lines = [f"{name}: {metrics[name]:,}" for name in ("rows_in", "rows_out", "quarantined", "duplicates")]
    for reason, rows in metrics["quarantined_by_reason"].items():
        lines.append(f"  {reason}: {rows:,}")
    for stage, seconds in metrics["seconds"].items():
        lines.append(f"{stage}: {seconds:.2f} s")
    rate = metrics["purchase_rate"]
    lines.append("purchase rate: " + ("unknown" if rate is None else f"{rate:.0f}"))
    if metrics["unaccounted"] == 0:
        lines.append("The identity closes.")
    else:
        lines.append(f"The identity does not close: {metrics['unaccounted']:+,} rows unaccounted for.")
    return "\n".join(lines)


# %% wrong: rate-with-percent-sign-only
# belief: the percent sign makes a percentage
# fails: tells_unknown_from_zero
# at_most: 2.25
def report(metrics):
    lines = [f"{name}: {metrics[name]:,}" for name in ("rows_in", "rows_out", "quarantined", "duplicates")]
    for reason, rows in metrics["quarantined_by_reason"].items():
        lines.append(f"  {reason}: {rows:,}")
    for stage, seconds in metrics["seconds"].items():
        lines.append(f"{stage}: {seconds:.2f} s")
    rate = metrics["purchase_rate"]
    lines.append("purchase rate: " + ("unknown" if rate is None else f"{rate:.3f}%"))
    if metrics["unaccounted"] == 0:
        lines.append("The identity closes.")
    else:
        lines.append(f"The identity does not close: {metrics['unaccounted']:+,} rows unaccounted for.")
    return "\n".join(lines)


# %% wrong: nan-for-unknown
# belief: NaN is what a reader understands
# fails: tells_unknown_from_zero
# at_most: 2.25
def report(metrics):
    lines = [f"{name}: {metrics[name]:,}" for name in ("rows_in", "rows_out", "quarantined", "duplicates")]
    for reason, rows in metrics["quarantined_by_reason"].items():
        lines.append(f"  {reason}: {rows:,}")
    for stage, seconds in metrics["seconds"].items():
        lines.append(f"{stage}: {seconds:.2f} s")
    rate = metrics["purchase_rate"]
    lines.append("purchase rate: " + ("nan" if rate is None else f"{rate:.1%}"))
    if metrics["unaccounted"] == 0:
        lines.append("The identity closes.")
    else:
        lines.append(f"The identity does not close: {metrics['unaccounted']:+,} rows unaccounted for.")
    return "\n".join(lines)
