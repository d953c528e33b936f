# ruff: noqa
# fmt: off
# mypy: ignore-errors
# %% right: a list of lines
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
# see: Exercise: the report
# fails: returns_text
# at_most: 0
# from: a list of lines
# -     return "\n".join(lines)
# +     print("\n".join(lines))


# %% wrong: returns-lines
# belief: a list of lines is a text
# see: Exercise: the report
# fails: returns_text
# at_most: 0
# from: a list of lines
# -     return "\n".join(lines)
# +     return lines


# %% wrong: returns-first-line
# belief: return inside the loop
# see: A report that can say no
# fails: shows_the_counts, shows_each_reason, shows_each_stage, says_when_it_does_not_close, tells_unknown_from_zero
# at_most: 0.25
def report(metrics):
    for name in ("rows_in", "rows_out", "quarantined", "duplicates"):
        return f"{name}: {metrics[name]}"


# %% wrong: empty
# belief: nothing to report is an empty text
# see: Exercise: the report
# fails: returns_text
# at_most: 0
# from: a list of lines
# -     return "\n".join(lines)
# +     return ""


# %% wrong: time-of-writing
# belief: a report carries the time at which it was written
# see: Exercise: the report
# fails: returns_text
# at_most: 0
# from: a list of lines
# - def report(metrics):
# + import datetime
# +
# +
# + def report(metrics):
# -         lines.append(f"The identity does not close: {metrics['unaccounted']:+,} rows unaccounted for.")
# +         lines.append(f"The identity does not close: {metrics['unaccounted']:+,} rows unaccounted for.")
# +     lines.append(f"written {datetime.datetime.now().isoformat()}")


# %% wrong: random-id
# belief: every report needs an id of its own
# see: Exercise: the report
# fails: returns_text
# at_most: 0
# from: a list of lines
# - def report(metrics):
# + import uuid
# +
# +
# + def report(metrics):
# -         lines.append(f"The identity does not close: {metrics['unaccounted']:+,} rows unaccounted for.")
# +         lines.append(f"The identity does not close: {metrics['unaccounted']:+,} rows unaccounted for.")
# +     lines.append(f"report {uuid.uuid4()}")


# %% wrong: always-success
# belief: a report that is printed at all is a success
# see: A report that can say no
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
# see: A report that can say no
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
# see: A report that can say no
# fails: says_when_it_does_not_close
# at_most: 1.5
# from: a list of lines
# -         lines.append(f"The identity does not close: {metrics['unaccounted']:+,} rows unaccounted for.")
# +         lines.append(f"The identity does not close: {metrics['unaccounted']:+,} rows unaccounted for.")
# +     lines.append("Pipeline finished successfully.")


# %% wrong: all-passed-besides
# belief: a closing line does no harm
# see: A report that can say no
# fails: says_when_it_does_not_close
# at_most: 1.5
# from: a list of lines
# -         lines.append(f"The identity does not close: {metrics['unaccounted']:+,} rows unaccounted for.")
# +         lines.append(f"The identity does not close: {metrics['unaccounted']:+,} rows unaccounted for.")
# +     lines.append("All checks passed")


# %% wrong: closes-and-does-not
# belief: both sentences, one after the other
# see: A report that can say no
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
# see: The identity that must close
# fails: says_when_it_does_not_close
# at_most: 1.5
# from: a list of lines
# -     if metrics["unaccounted"] == 0:
# +     if metrics["unaccounted"] <= 0:


# %% wrong: only-added-rows
# belief: rows can only be added
# see: The identity that must close
# fails: says_when_it_does_not_close
# at_most: 1.5
# from: a list of lines
# -     if metrics["unaccounted"] == 0:
# +     if metrics["unaccounted"] >= 0:


# %% wrong: tolerates-a-percent
# belief: less than one row in fifty does not matter
# see: A report that can say no
# fails: says_when_it_does_not_close
# at_most: 1.5
# from: a list of lines
# -     if metrics["unaccounted"] == 0:
# +     if abs(metrics["unaccounted"]) < 0.02 * metrics["rows_in"]:


# %% wrong: tolerates-ten-rows
# belief: a handful of rows does not matter
# see: A report that can say no
# fails: says_when_it_does_not_close
# at_most: 1.5
# from: a list of lines
# -     if metrics["unaccounted"] == 0:
# +     if abs(metrics["unaccounted"]) <= 10:


# %% wrong: no-number
# belief: it is enough to say that it does not close
# see: A report that can say no
# fails: says_when_it_does_not_close
# at_most: 1.5
# from: a list of lines
# -         lines.append(f"The identity does not close: {metrics['unaccounted']:+,} rows unaccounted for.")
# +         lines.append(f"The identity does not close.")


# %% wrong: own-words
# belief: a warning sign is clear enough
# see: A report that can say no
# fails: says_when_it_does_not_close
# at_most: 1.5
# from: a list of lines
# -         lines.append(f"The identity does not close: {metrics['unaccounted']:+,} rows unaccounted for.")
# +         lines.append(f"Warning: {metrics['unaccounted']:+,} rows unaccounted for.")


# %% wrong: number-without-a-word
# belief: the number speaks for itself
# see: A report that can say no
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
# see: A report that can say no
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
# see: A report that can say no
# fails: says_when_it_does_not_close
# at_most: 1.5
# from: a list of lines
# -         lines.append(f"The identity does not close: {metrics['unaccounted']:+,} rows unaccounted for.")
# +         raise ValueError("The identity does not close")


# %% wrong: asserts-the-identity
# belief: an assert is a report
# see: A report that can say no
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
# see: The identity that must close
# fails: says_when_it_does_not_close
# at_most: 1.5
# from: a list of lines
# -     if metrics["unaccounted"] == 0:
# +     if metrics["unaccounted"] != 0:


# %% wrong: truth-value
# belief: a text is true
# see: A report that can say no
# fails: says_when_it_does_not_close
# at_most: 1.5
# from: a list of lines
# -     if metrics["unaccounted"] == 0:
# +     if str(metrics["unaccounted"]):


# %% wrong: sum-of-reasons
# belief: the reasons add up to the quarantined rows
# see: The identity that must close
# fails: says_when_it_closes
# at_most: 2.25
# from: a list of lines
# -     if metrics["unaccounted"] == 0:
# +     if metrics["rows_in"] == metrics["rows_out"] + sum(metrics["quarantined_by_reason"].values()) + metrics["duplicates"]:


# %% wrong: duplicates-forgotten
# belief: rows in are rows out and quarantined rows
# see: The identity that must close
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
# see: A report that can say no
# fails: says_when_it_closes
# at_most: 2.25
# from: a list of lines
# -         lines.append("The identity closes.")
# +         pass


# %% wrong: never-closes
# belief: a report should rather warn once too often
# see: A report that can say no
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
# see: The identity that must close
# fails: shows_the_counts
# at_most: 2
# from: a list of lines
# -     lines = [f"{name}: {metrics[name]:,}" for name in ("rows_in", "rows_out", "quarantined", "duplicates")]
# +     lines = [f"rows in: {metrics['rows_out']}", f"rows out: {metrics['rows_in']}"]
# +     lines += [f"{name}: {metrics[name]}" for name in ("quarantined", "duplicates")]


# %% wrong: duplicates-left-out
# belief: duplicates are noise
# see: Exercise: the report
# fails: shows_the_counts
# at_most: 2
# from: a list of lines
# -     lines = [f"{name}: {metrics[name]:,}" for name in ("rows_in", "rows_out", "quarantined", "duplicates")]
# +     lines = [f"{name}: {metrics[name]:,}" for name in ("rows_in", "rows_out", "quarantined")]


# %% wrong: in-and-out-only
# belief: what goes in and what comes out is what matters
# see: Exercise: the report
# fails: shows_the_counts
# at_most: 2
# from: a list of lines
# -     lines = [f"{name}: {metrics[name]:,}" for name in ("rows_in", "rows_out", "quarantined", "duplicates")]
# +     lines = [f"{name}: {metrics[name]:,}" for name in ("rows_in", "rows_out")]


# %% wrong: numbers-without-names
# belief: the reader knows the order
# see: Exercise: the report
# fails: shows_the_counts
# at_most: 2
# from: a list of lines
# -     lines = [f"{name}: {metrics[name]:,}" for name in ("rows_in", "rows_out", "quarantined", "duplicates")]
# +     lines = [f"{metrics[name]:,}" for name in ("rows_in", "rows_out", "quarantined", "duplicates")]


# %% wrong: thousands
# belief: thousands are easier to read
# see: Exercise: the report
# fails: shows_the_counts
# at_most: 2
# from: a list of lines
# -     lines = [f"{name}: {metrics[name]:,}" for name in ("rows_in", "rows_out", "quarantined", "duplicates")]
# +     lines = [f"{name}: {metrics[name] / 1000:.1f} thousand" for name in ("rows_in", "rows_out", "quarantined", "duplicates")]


# %% wrong: shares-only
# belief: a share says more than a count
# see: Exercise: the report
# fails: shows_the_counts
# at_most: 2
# from: a list of lines
# -     lines = [f"{name}: {metrics[name]:,}" for name in ("rows_in", "rows_out", "quarantined", "duplicates")]
# +     lines = [f"{name}: {metrics[name] / max(metrics['rows_in'], 1):.1%}" for name in ("rows_in", "rows_out", "quarantined", "duplicates")]


# %% wrong: quarantined-is-the-sum
# belief: quarantined rows are the sum over reasons
# see: Ten rows
# fails: shows_the_counts
# at_most: 2
# from: a list of lines
# -     lines = [f"{name}: {metrics[name]:,}" for name in ("rows_in", "rows_out", "quarantined", "duplicates")]
# +     lines = [f"{name}: {metrics[name]:,}" for name in ("rows_in", "rows_out", "quarantined", "duplicates")]
# +     lines[2] = f"quarantined: {sum(metrics['quarantined_by_reason'].values())}"


# %% wrong: names-without-numbers
# belief: the names are enough
# see: Exercise: the report
# fails: shows_each_reason
# at_most: 2.25
# from: a list of lines
# -         lines.append(f"  {reason}: {rows:,}")
# +         lines.append(f"  {reason}")


# %% wrong: reasons-left-out
# belief: the number of quarantined rows is enough
# see: Exercise: the report
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
# see: Exercise: the report
# fails: shows_each_reason
# at_most: 2.25
# from: a list of lines
# -     for reason, rows in metrics["quarantined_by_reason"].items():
# -         lines.append(f"  {reason}: {rows:,}")
# +     reasons = metrics["quarantined_by_reason"]
# +     if reasons:
# +         worst = max(reasons, key=reasons.get)
# +         lines.append(f"{worst}: {reasons[worst]}")


# %% wrong: expects-a-reason
# belief: there is always something in quarantine
# see: Exercise: the report
# fails: shows_each_reason
# at_most: 2.25
# from: a list of lines
# -         lines.append(f"  {reason}: {rows:,}")
# +         lines.append(f"  {reason}: {rows:,}")
# +     lines.append(f"most frequent: {max(metrics['quarantined_by_reason'].values())}")


# %% wrong: divides-by-quarantined
# belief: shares of reasons, of nothing too
# see: Numbers about what came out
# fails: shows_each_reason
# at_most: 2.25
# from: a list of lines
# -         lines.append(f"  {reason}: {rows:,}")
# +         lines.append(f"  {reason}: {rows:,}")
# +     lines.append(f"reasons per row: {sum(metrics['quarantined_by_reason'].values()) / metrics['quarantined']:.1f}")


# %% wrong: reasons-by-heart
# belief: the reasons are those of the exercise before
# see: Exercise: the report
# fails: shows_each_reason
# at_most: 2.25
# from: a list of lines
# -     for reason, rows in metrics["quarantined_by_reason"].items():
# -         lines.append(f"  {reason}: {rows:,}")
# +     for reason in ("unknown_event_type", "amount_negative", "purchase_not_paid"):
# +         lines.append(f"  {reason}: {metrics['quarantined_by_reason'].get(reason, 0)}")


# %% wrong: stages-by-heart
# belief: the stages are those of the exercise before
# see: Exercise: the report
# fails: shows_each_stage
# at_most: 2.25
# from: a list of lines
# -     for stage, seconds in metrics["seconds"].items():
# -         lines.append(f"{stage}: {seconds:.2f} s")
# +     for stage in ("validate", "deduplicate", "enrich"):
# +         lines.append(f"{stage}: {metrics['seconds'].get(stage, 0):.2f} s")


# %% wrong: total-only
# belief: one time for the whole run is enough
# see: Seconds per stage
# fails: shows_each_stage
# at_most: 2.25
# from: a list of lines
# -     for stage, seconds in metrics["seconds"].items():
# -         lines.append(f"{stage}: {seconds:.2f} s")
# +     lines.append(f"seconds: {sum(metrics['seconds'].values()):.2f}")


# %% wrong: whole-seconds
# belief: whole seconds are enough
# see: Exercise: the report
# fails: shows_each_stage
# at_most: 2.25
# from: a list of lines
# -         lines.append(f"{stage}: {seconds:.2f} s")
# +         lines.append(f"{stage}: {seconds:.0f} s")


# %% wrong: slowest-stage-only
# belief: the slowest stage is what matters
# see: Seconds per stage
# fails: shows_each_stage
# at_most: 2.25
# from: a list of lines
# -     for stage, seconds in metrics["seconds"].items():
# -         lines.append(f"{stage}: {seconds:.2f} s")
# +     slowest = max(metrics["seconds"], key=metrics["seconds"].get)
# +     lines.append(f"{slowest}: {metrics['seconds'][slowest]:.2f} s")


# %% wrong: stages-left-out
# belief: how long it took is nobody's business
# see: Seconds per stage
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
# see: Exercise: the report
# fails: shows_each_stage
# at_most: 2.25
# from: a list of lines
# -         lines.append(f"{stage}: {seconds:.2f} s")
# +         lines.append(f"{stage}: {1000 * seconds:.2f} s")


# %% wrong: zero-for-unknown
# belief: 0 / 0 is 0
# see: Numbers about what came out
# fails: tells_unknown_from_zero
# at_most: 2.25
# from: a list of lines
# -     lines.append("purchase rate: " + ("unknown" if rate is None else f"{rate:.1%}"))
# +     lines.append("purchase rate: " + f"{rate or 0:.1%}")


# %% wrong: zero-is-unknown
# belief: `not rate` asks for a missing rate
# see: Numbers about what came out
# fails: tells_unknown_from_zero
# at_most: 2.25
# from: a list of lines
# -     lines.append("purchase rate: " + ("unknown" if rate is None else f"{rate:.1%}"))
# +     lines.append("purchase rate: " + ("unknown" if not rate else f"{rate:.1%}"))


# %% wrong: formats-none
# belief: there is always a rate
# see: Numbers about what came out
# fails: tells_unknown_from_zero
# at_most: 2.25
# from: a list of lines
# -     lines.append("purchase rate: " + ("unknown" if rate is None else f"{rate:.1%}"))
# +     lines.append("purchase rate: " + f"{rate:.1%}")


# %% wrong: prints-none
# belief: None is readable
# see: Numbers about what came out
# fails: tells_unknown_from_zero
# at_most: 2.25
# from: a list of lines
# -     lines.append("purchase rate: " + ("unknown" if rate is None else f"{rate:.1%}"))
# +     lines.append("purchase rate: " + str(rate))


# %% wrong: unknown-left-out
# belief: an unknown rate need not be mentioned
# see: Numbers about what came out
# fails: tells_unknown_from_zero
# at_most: 2.25
# from: a list of lines
# -     lines.append("purchase rate: " + ("unknown" if rate is None else f"{rate:.1%}"))
# +     if rate is not None:
# +         lines.append(f"purchase rate: {rate:.1%}")


# %% wrong: rate-left-out
# belief: the rate is no count
# see: Numbers about what came out
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
# see: Numbers about what came out
# fails: tells_unknown_from_zero
# at_most: 2.25
# from: a list of lines
# -     lines.append("purchase rate: " + ("unknown" if rate is None else f"{rate:.1%}"))
# +     lines.append("purchase rate: " + ("unknown" if rate is None else f"{rate:.0f}"))


# %% wrong: rate-with-percent-sign-only
# belief: the percent sign makes a percentage
# see: Numbers about what came out
# fails: tells_unknown_from_zero
# at_most: 2.25
# from: a list of lines
# -     lines.append("purchase rate: " + ("unknown" if rate is None else f"{rate:.1%}"))
# +     lines.append("purchase rate: " + ("unknown" if rate is None else f"{rate:.3f}%"))


# %% wrong: nan-for-unknown
# belief: NaN is what a reader understands
# see: Numbers about what came out
# fails: tells_unknown_from_zero
# at_most: 2.25
# from: a list of lines
# -     lines.append("purchase rate: " + ("unknown" if rate is None else f"{rate:.1%}"))
# +     lines.append("purchase rate: " + ("nan" if rate is None else f"{rate:.1%}"))
