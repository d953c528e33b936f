"""Checks of lesson 01: files read back with the types that they had, and an extractor that loses nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from autograder import expect
from autograder.checking import Incorrect, check
from autograder.checks._sources import (
    LONGEST_WAIT,
    REJECTED,
    ROWS,
    TRIES,
    ask,
    csv_text,
    events_of,
    expect_all,
    expect_column,
    expect_once,
    expect_records,
    has_id,
    in_pages,
    products_of,
    records_of,
    same_number,
    same_text,
    shown,
    source_of,
    upload_of,
)
from autograder.quiz import question
from autograder.seam import Answer, AnswerError
from autograder.worlds import Worlds

# --- sources.recap ----------------------------------------------------------------------------------------------

leading_zeros = question(
    "sources.recap",
    "1",
    "A CSV column holds 007 and 008. What does `pd.read_csv` without options make of it?",
    right="b",
    wrong={
        "a": "CSV has no types, so pandas guesses: what looks like whole numbers in every row becomes whole numbers.",
        "c": "Floats come where a column also has an empty cell or a decimal point.",
        "d": "Nothing is wrong with the file as far as pandas can see: the guess succeeds, and that is the trouble.",
    },
    points=0.25,
    hints=[
        "Where in a CSV file does it say which type a column has?",
        "Try pd.read_csv on io.StringIO with a header and these two lines.",
        "pd.read_csv(io.StringIO('id\\n007\\n008')).id.tolist() is [..., ...]",
    ],
)
empty_cells = question(
    "sources.recap",
    "2",
    "A CSV column holds whole numbers and one empty cell. Which dtype does `pd.read_csv` without options give it?",
    right="b",
    wrong={
        "a": "An empty cell is not 0, and pandas does not make it so: int64 has no way to say that a value is missing.",
        "c": "Int64 can hold whole numbers and nulls, but pandas uses it only where you ask for it.",
        "d": "Text comes where a cell cannot be read as a number. An empty one is read as missing.",
    },
    points=0.25,
    hints=[
        "Which numeric dtype of NumPy has a value that means `missing`?",
        "NaN is a floating-point number.",
        "pd.Series([1, None]).dtype",
    ],
)
same_data_again = question(
    "sources.recap",
    "3",
    "A model was trained in January. In June it must be trained on exactly the same data. What makes that possible?",
    right="b",
    wrong={
        "a": "The database has moved on: rows were corrected, deleted and added since January.",
        "c": "The weights do not hold the data, so they can neither be checked nor trained again.",
        "d": "A seed repeats the random draws of the training. It does not bring back rows that have changed.",
    },
    points=0.25,
    hints=[
        "What is different in June: the code, the randomness, or the source?",
        "A source shows its present state. Who keeps the state of January?",
        "Same ... and same code give the same training table.",
    ],
)
overlapping_samples = question(
    "sources.recap",
    "4",
    "`users.sample(50)` gets the age -1, then `users.sample(30)` gets the age 150. How many users have a bad age?",
    right="c",
    wrong={
        "a": "The second draw knows nothing of the first. A user in both ends with 150 and is counted once.",
        "b": "No draw adds bad ages beyond its own users: 50 and 30 together are a limit from above.",
        "d": "Overlap is possible, not certain: most of the 50 keep their -1.",
    },
    points=0.25,
    hints=[
        "Can one user be in both samples?",
        "Think of 100 users: two draws of 50 hardly ever meet nobody in common.",
        "The number of bad ages is ... 80.",
    ],
)

# --- sources.products ----------------------------------------------------------------------------------------------


@check(
    "sources.products",
    points=0.5,
    hints=[
        "Is 00417 a quantity, something to add up, or a name that happens to be made of digits?",
        "The zeros are gone as soon as pandas has guessed a number. Say before it reads that the column is text.",
        "pd.read_csv(io.StringIO(text), dtype={'product_id': ...})",
    ],
)
def keeps_ids_as_text(answer: Answer, worlds: Worlds) -> None:
    """A `product_id` such as 00417 or 12E4 comes back as the text that it is."""
    rows = upload_of(worlds, "ids")
    numbers = worlds.rng("sources ids").permutation(9_000)[: len(rows)] + 100
    for i, (row, number) in enumerate(zip(rows, numbers, strict=True)):
        row["product_id"] = f"{number % 90 + 10}E{i % 9 + 1}{i:02}" if i % 10 == 9 else f"{number:06}"
    found = products_of(answer, csv_text(rows))
    expect_column(found, rows, "product_id", "text, every character of it", same_text)


@check(
    "sources.products",
    points=0.5,
    hints=[
        "Which texts does `read_csv` take for a missing value if you say nothing?",
        "NA is on pandas' list of missing values, and the country code of Namibia; null is on it too. Replace the list "
        "by your own: what may stand on it, if only an empty cell is null?",
        "pd.read_csv(..., keep_default_na=..., na_values=[...])",
    ],
)
def keeps_nulls_apart_from_text(answer: Answer, worlds: Worlds) -> None:
    """An empty cell comes back as null, any other as what it says: the origin NA, or a product that is called null."""
    rows = upload_of(worlds, "nulls")
    order = worlds.rng("sources nulls").permutation(len(rows))
    for position, origin in zip(order, ("NA",) * 4 + (None,) * 4, strict=False):
        rows[position]["origin"] = origin
    for position in order[6:10]:
        rows[position]["price"] = None
    rows[order[10]]["name"] = "null"
    found = products_of(answer, csv_text(rows))
    expect_column(found, rows, "origin", "null where the cell is empty, else the text of the cell", same_text)
    expect_column(found, rows, "price", "null where the cell is empty, else a number", same_number)


@check(
    "sources.products",
    points=0.5,
    hints=[
        "How many digits does a float64 keep, and how many has a batch number?",
        "A column with an empty cell becomes float64 unless you name a dtype that has both whole numbers and nulls.",
        "dtype={'batch_no': '...'}   # with a capital letter",
    ],
)
def keeps_every_digit(answer: Answer, worlds: Worlds) -> None:
    """A `batch_no` of 18 digits comes back as this number, also where other cells of the column are empty."""
    rows = upload_of(worlds, "digits")
    for position in worlds.rng("sources digits").permutation(len(rows))[:4]:
        rows[position]["batch_no"] = None
    found = products_of(answer, csv_text(rows))
    expect_column(found, rows, "batch_no", "a whole number with all its digits, or null", same_number)


@check(
    "sources.products",
    points=0.5,
    hints=[
        "What does +02:00 at the end of a time say, and what does it mean that nothing is there?",
        "Several offsets in one column need to be brought to one zone, and the texts have several forms.",
        "pd.to_datetime(products['updated_at'], utc=..., format='ISO8601')",
    ],
)
def reads_times_as_instants(answer: Answer, worlds: Worlds) -> None:
    """`updated_at` comes back as times in UTC, whatever offset the file gives them in."""
    rows = upload_of(worlds, "times")
    times = []
    for i, row in enumerate(rows):
        # by turns: five and a half hours ahead, eight behind, with a Z, and UTC without saying so
        offset = ("+05:30", "-08:00", "Z", "")[i % 4]
        local = row["updated_at"] + pd.Timedelta(hours=(5.5, -8, 0, 0)[i % 4])
        times.append(local.strftime("%Y-%m-%dT%H:%M:%S") + offset)
    found = products_of(answer, csv_text(rows, times))
    for cell in found["updated_at"].astype(object):
        if expect.plain(cell) is not None and not isinstance(cell, (dt.datetime, np.datetime64)):
            raise Incorrect(
                "The column 'updated_at' does not hold times.",
                expected="dates with times, in UTC",
                got=f"{expect.kind_of(cell)}: {str(cell)[:40]!r}",
            )
    kind = "the same instant in UTC; a time without an offset is in UTC already"
    expect_column(found, rows, "updated_at", kind, lambda cell, wanted: cell == expect.plain(wanted))


# --- sources.events -------------------------------------------------------------------------------------------------


@check(
    "sources.events",
    points=0.5,
    hints=[
        "What says that a page was the last one: that it has no events, or something else in its body?",
        "Ask for page after page until `next_cursor` is None. A page without events may stand anywhere.",
        "while cursor is not None: ...; cursor = body[...]",
    ],
)
def follows_every_page(answer: Answer, worlds: Worlds) -> None:
    """All pages are asked for, beyond an empty one too, and their records come back as they were sent."""
    records = events_of(worlds, "paging", schema_drift=1)
    pages = in_pages(worlds, "paging", records)
    pages.insert(3, [])
    found = ask(answer, source_of(worlds, "paging", pages, {}))
    expect_all(found, pages, f"{len(records)} records on {len(pages)} pages, one of them empty")


@check(
    "sources.events",
    points=0.75,
    hints=[
        "What makes two records the same: their event_id, or everything in them?",
        "A page that comes again brings equal records. A correction has an old event_id and another amount: keep it.",
        "seen = set(); key = json.dumps(record, sort_keys=True); if key not in ...",
    ],
)
def counts_each_record_once(answer: Answer, worlds: Worlds) -> None:
    """Records of a page that comes twice are there once, rejected ones too; records that differ anywhere are kept."""
    records = events_of(worlds, "repeats", duplicate_newer=6, duplicate_conflict=4)
    records += [{**record, "product_id": f"P9{i:03}"} for i, record in enumerate(records[8:10])]
    records[1]["event_id"] = None  # on a page that comes again
    pages = in_pages(worlds, "repeats", records)
    pages[3] = pages[2][-2:] + pages[3]
    pages.insert(2, pages[1])
    pages.insert(6, pages[0])
    found = ask(answer, source_of(worlds, "repeats", pages, {}))
    why = f"{len(records)} different records, some with the event_id of another; some pages bring records again"
    # which records are rejected is the matter of another check
    nameless = [record for record in (*found.rows, *records_of(found["rejected"], REJECTED)) if not has_id(record)]
    with_id = replace(found, rows=[record for record in found.rows if has_id(record)])
    expect_all(with_id, [[record for record in page if has_id(record)] for page in pages], why)
    expect_once(nameless, "the rows and the rejected records", why)


@check(
    "sources.events",
    points=0.5,
    hints=[
        "After an error, which page do you ask for: the same one or the next?",
        "`api.get` raises TimeoutError where no answer comes, and returns a status of 500 or more where the server "
        "fails. Both are failed tries of this page, and a page has five. Does your counter start anew on each page?",
        "for attempt in range(...): try: response = api.get(cursor) except ...: ... else: if response.status == ...",
    ],
)
def survives_errors_and_timeouts(answer: Answer, worlds: Worlds) -> None:
    """Pages that come only after up to four server errors and timeouts lose no record."""
    pages = in_pages(worlds, "errors", events_of(worlds, "errors"))
    troubles: dict[int, list[Any]] = {
        0: [503],
        1: ["timeout"],
        2: [500, "timeout"],
        4: [503, "timeout", 502, 504],
        -1: ["timeout", 500],
    }
    found = ask(answer, source_of(worlds, "errors", pages, troubles))
    expect_all(found, pages, "every record: no page fails more than four times in a row")
    _expect_an_end(answer, worlds, "timeout", "never answers")


@check(
    "sources.events",
    points=0.5,
    hints=[
        "How would you notice that an answer was cut off on its way?",
        "The body says how many events the page has. Compare before you take any of them.",
        "if len(body['events']) ... body['count']: # a failed try",
    ],
)
def takes_no_short_page_for_a_whole_one(answer: Answer, worlds: Worlds) -> None:
    """A page with fewer events than its count is asked for again until it is whole."""
    pages = in_pages(worlds, "short", events_of(worlds, "short"))
    found = ask(answer, source_of(worlds, "short", pages, {1: ["short"], 3: ["short", "short"], -1: ["short"]}))
    expect_all(found, pages, "every record: each page comes whole in the end")
    _expect_an_end(answer, worlds, "short", "is always short")


def _expect_an_end(answer: Answer, worlds: Worlds, trouble: Any, what: str) -> None:
    """A page that fails in the same way each time is not asked for without end.

    How many tries it has, and what is returned then, is the matter of `gives_up_in_the_open`.
    """
    name = f"end {what}"
    source = source_of(worlds, name, in_pages(worlds, name, events_of(worlds, name, events=12)), {1: [trouble] * 20})
    try:
        found = ask(answer, source)
    except AnswerError as e:
        if e.kind != "raised":
            raise
        return
    asked = [request for request in found.requests if request.cursor == source["pages"][1]["cursor"]]
    if len(asked) > 2 * TRIES:
        raise Incorrect(
            f"The page that {what} was asked for {len(asked)} times.",
            expected=f"{TRIES} failed tries, of whatever kind, and then to give up",
            got=str(len(asked)),
            evidence={"Requests for it": shown(asked)},
        )


@check(
    "sources.events",
    points=0.5,
    hints=[
        "How long after a failed try do you send the next one?",
        "A 429 says how long in `retry_after`; after every other failed try wait one second or more, by `api.sleep`.",
        "api.sleep(response.retry_after if response.status == ... else ...)",
    ],
)
def waits_before_it_asks_again(answer: Answer, worlds: Worlds) -> None:
    """After a 429 the next request waits as long as it says, after any other failed try at least one second."""
    pages = in_pages(worlds, "waits", events_of(worlds, "waits"))
    rng = worlds.rng("sources waits")
    long, longer = float(rng.integers(15, 30)), float(rng.integers(45, 60))
    troubles: dict[int, list[Any]] = {
        0: [{"retry_after": long}],
        1: [503],
        2: [{"retry_after": longer}],
        -1: [503] * (TRIES - 1),  # a wait that grows must not grow too far
    }
    source = source_of(worlds, "waits", pages, troubles)
    found = ask(answer, source)
    for before, after in zip(found.requests, found.requests[1:], strict=False):
        waited, asked = after.at - before.answered, 0.0 if before.whole else before.wait
        if waited < asked - 1e-6 or waited > LONGEST_WAIT + 1e-6:
            limit = f"at least {asked:g} s" if waited < asked else f"at most {LONGEST_WAIT:g} s"
            raise Incorrect(
                f"After the answer {before.status} the next request came after {waited:g} s.",
                expected=f"a wait of {limit}, by api.sleep",
                got=f"{waited:g} s",
                evidence={"The two requests": shown([before, after])},
            )
    last = [request for request in found.requests if request.cursor == source["pages"][-1]["cursor"]]
    if len(last) < 2:  # what is returned is the matter of other checks
        raise Incorrect(
            "The requests end before the last page was asked for again.",
            expected="every page in turn, and a page that has failed once more after a wait",
            got=f"{len(found.requests)} requests",
            evidence={"The last requests": shown(found.requests[-5:])},
        )
    _expect_an_end(answer, worlds, {"retry_after": 2.0}, "always answers 429")


@check(
    "sources.events",
    points=0.75,
    hints=[
        "When a page never comes, how does whoever called your function learn that something is missing?",
        "Stop after the fifth failed try of one page; after a 4xx that is no 429, at once. Return what has come, and "
        "the cursor of the page that has not.",
        'return {..., "resume_at": ...}   # None only if the last page has come',
    ],
)
def gives_up_in_the_open(answer: Answer, worlds: Worlds) -> None:
    """Where a page does not come, what came before it is returned and the rest can be had from `resume_at`."""
    pages = in_pages(worlds, "gives up", events_of(worlds, "gives up"))
    refused = int(worlds.rng("sources gives up").choice([400, 403, 404]))
    for status, tries in ((503, TRIES), (refused, 1)):
        source = source_of(worlds, "gives up", pages, {3: [status] * 20})
        lost = source["pages"][3]["cursor"]
        found = ask(answer, source)
        why = f"the records of the three pages before the one that always answers {status}"
        expect_all(found, pages[:3], why)
        asked = [request for request in found.requests if request.cursor == lost]
        if len(asked) != tries:
            raise Incorrect(
                f"The page that always answers {status} was asked for {len(asked)} times.",
                expected=f"{tries} requests for it" if tries > 1 else "1 request: asking again will not help",
                got=str(len(asked)),
                evidence={"Requests for it": shown(asked)},
            )
        if (resume_at := expect.plain(found["resume_at"])) != lost:
            raise Incorrect(
                "`resume_at` is not the cursor of the page that did not come.",
                expected=repr(lost),
                got=repr(resume_at)[:60],
                evidence={"Requests": shown(found.requests[-3:])},
            )
    mended = source_of(worlds, "gives up", pages, {})
    answer.restart()
    rest = ask(answer, mended, lost)
    expect_all(rest, pages[3:], f"the records from the page {lost} on, when it is given as `cursor`")
    if (resume_at := expect.plain(rest["resume_at"])) is not None:
        raise Incorrect("Nothing is left to resume.", expected="resume_at: None", got=repr(resume_at)[:60])


@check(
    "sources.events",
    points=0.5,
    hints=[
        "Do your numbers describe this run: every request, also the failed ones, and the time from first to last?",
        "Take `api.now` before the first request and after the last. Rejected are the records without an event_id: "
        "missing, None or an empty text.",
        '"metrics": {"rows": len(...), "rejected": len(...), "requests": len(...), "seconds": ... - ...}',
    ],
)
def measures_the_extraction(answer: Answer, worlds: Worlds) -> None:
    """Records without an event_id are rejected, and the metrics count rows, rejected records, requests and seconds."""
    records = events_of(worlds, "metrics")
    without = worlds.rng("sources metrics").permutation(len(records))[:4]
    for position, nothing in zip(without, (None, "", None, ""), strict=True):
        records[position]["event_id"] = nothing
    del records[without[-1]]["event_id"]
    pages = in_pages(worlds, "metrics", records)
    found = ask(answer, source_of(worlds, "metrics", pages, {1: ["timeout"], 3: [503]}))
    # of what came: a page that is missing is the matter of another check
    good, bad = ([r for r in found.brought if has_id(r) is wanted] for wanted in (True, False))
    expect_records(found.rows, good, ROWS, "the records that have an event_id")
    expect_records(records_of(found["rejected"], REJECTED), bad, REJECTED, "the records without an event_id")
    first, last = found.requests[0], found.requests[-1]
    true = {
        "rows": len(good),
        "rejected": len(bad),
        "requests": len(found.requests),
        "seconds": last.answered - first.at,
    }
    metrics = found["metrics"]
    for name, value in true.items():
        if not isinstance(metrics, Mapping) or name not in metrics:
            raise Incorrect(
                f"The metrics have no {name!r}.", expected=", ".join(true), got=str(expect.plain(metrics))[:100]
            )
        number = expect.number(metrics[name], f"the metric {name!r}")
        if abs(number - value) > 1e-6:
            raise Incorrect(
                f"The metric {name!r} does not fit what happened.",
                expected=f"{value:g}",
                got=f"{number:g}",
                evidence={"Requests": shown(found.requests)},
            )
