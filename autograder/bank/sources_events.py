# ruff: noqa
# fmt: off
# mypy: ignore-errors
# %% right: a page with its retries, then the pages
import json

from autograder.given.sources import PagedApi


def fetch_page(api, cursor):
    for tries_left in range(4, -1, -1):
        wait = 1.0
        try:
            response = api.get(cursor)
        except TimeoutError:
            pass
        else:
            if response.status == 200 and len(response.body["events"]) == response.body["count"]:
                return response.body
            if response.status == 429:
                wait = response.retry_after
            elif 400 <= response.status < 500:
                return None
        if tries_left:
            api.sleep(wait)
    return None


def extract_events(source, cursor="start"):
    api = PagedApi(**source)
    started = api.now
    rows, rejected, seen = [], [], set()
    while cursor is not None:
        page = fetch_page(api, cursor)
        if page is None:
            break
        for record in page["events"]:
            key = json.dumps(record, sort_keys=True)
            if key in seen:
                continue
            seen.add(key)
            if record.get("event_id"):
                rows.append(record)
            else:
                rejected.append(record)
        cursor = page["next_cursor"]
    metrics = {"rows": len(rows), "rejected": len(rejected), "requests": len(api.log), "seconds": api.now - started}
    return {"rows": rows, "rejected": rejected, "resume_at": cursor, "metrics": metrics, "log": api.log}


# %% right: one loop that counts failures, with growing waits
from autograder.given.sources import PagedApi


def extract_events(source, cursor="start"):
    api = PagedApi(**source)
    t0 = api.now
    kept = []
    failures = 0
    while cursor is not None and failures < 5:
        status, body, wait = 599, {}, 2.0**failures
        try:
            answer = api.get(cursor)
            status, body = answer.status, answer.body
            if answer.retry_after is not None:
                wait = answer.retry_after + 0.5
        except TimeoutError:
            pass
        if status == 200 and body["count"] == len(body["events"]):
            kept.extend(record for record in body["events"])
            cursor, failures = body["next_cursor"], 0
            continue
        if status in range(400, 500) and status != 429:
            break
        failures += 1
        if failures < 5:
            api.sleep(wait)
    unique = []
    for record in kept:
        if record not in unique:
            unique.append(record)
    result = {"rows": [], "rejected": []}
    for record in unique:
        result["rejected" if record.get("event_id") in (None, "") else "rows"].append(record)
    result["resume_at"] = cursor
    result["log"] = api.log
    result["metrics"] = dict(
        rows=len(result["rows"]), rejected=len(result["rejected"]), requests=len(api.log), seconds=api.now - t0
    )
    return result


# %% right: pandas frames
import pandas as pd

from autograder.given.sources import PagedApi


def try_page(api, cursor, attempt=1):
    wait = 1
    try:
        r = api.get(cursor)
        if r.status == 200 and len(r.body["events"]) >= r.body["count"]:
            return r.body
        if r.status < 500 and r.status not in (200, 429):
            return None
        wait = max(wait, r.retry_after or 0)
    except TimeoutError:
        wait = 5
    if attempt == 5:
        return None
    api.sleep(wait)
    return try_page(api, cursor, attempt + 1)


def extract_events(source, cursor="start"):
    api = PagedApi(**source)
    begin = api.now
    frames = []
    while cursor:
        body = try_page(api, cursor)
        if body is None:
            break
        frames.append(pd.DataFrame(body["events"]))
        cursor = body["next_cursor"]
    records = pd.concat(frames, ignore_index=True).drop_duplicates()
    has_id = records["event_id"].fillna("").ne("")
    rows, rejected = records[has_id], records[~has_id]
    return {
        "log": pd.DataFrame(api.log),
        "rows": rows.sort_values("event_id"),
        "rejected": rejected,
        "resume_at": cursor,
        "metrics": {
            "rows": float(len(rows)),
            "rejected": rejected.shape[0],
            "requests": len(api.log),
            "seconds": api.now - begin,
        },
    }


# %% right: SQL for the records, a class for the retries
import duckdb
import pandas as pd

from autograder.given.sources import PagedApi


class Patient:
    def __init__(self, api, tries=5):
        self.api, self.tries = api, tries

    def page(self, cursor):
        for number in range(self.tries):
            if number:
                self.api.sleep(self.wait)
            self.wait = 1.5
            try:
                response = self.api.get(cursor)
            except TimeoutError:
                continue
            if response.status == 429:
                self.wait = response.retry_after
            elif response.status == 200:
                if len(response.body["events"]) == response.body["count"]:
                    return response.body
            elif response.status < 500:
                break
        raise LookupError(cursor)


def extract_events(source, cursor="start"):
    api = PagedApi(**source)
    begin, records = api.now, []
    try:
        while cursor is not None:
            page = Patient(api).page(cursor)
            records += page["events"]
            cursor = page["next_cursor"]
    except LookupError:
        pass
    received = pd.DataFrame(records, dtype=object).astype({"event_id": "str"})
    rows = duckdb.sql("SELECT DISTINCT * FROM received WHERE coalesce(event_id, '') <> ''").df()
    rejected = duckdb.sql("SELECT DISTINCT * FROM received WHERE coalesce(event_id, '') = ''").df()
    return {
        "rows": rows,
        "rejected": rejected,
        "resume_at": cursor,
        "metrics": {"rows": len(rows), "rejected": len(rejected), "requests": len(api.log), "seconds": api.now - begin},
        "log": [(entry) for entry in api.log],
    }


# %% right: a generator of pages, times parsed, an extra column
import itertools

import pandas as pd

from autograder.given.sources import PagedApi


def extract_events(source, cursor="start"):
    api = PagedApi(**source)
    start = api.now
    left = [cursor]

    def pages():
        while left[0] is not None:
            for attempt in itertools.count(1):
                try:
                    response = api.get(left[0])
                    good = response.status == 200 and len(response.body["events"]) == response.body["count"]
                    hopeless = 400 <= response.status < 500 and response.status != 429
                    pause = response.retry_after or 1
                except TimeoutError:
                    good, hopeless, pause = False, False, 1
                if good:
                    yield response.body["events"]
                    left[0] = response.body["next_cursor"]
                    break
                if hopeless or attempt == 5:
                    return
                api.sleep(pause)

    unique = {}
    for number, page in enumerate(pages()):
        for record in page:
            unique.setdefault(tuple(sorted(record.items(), key=str)), {**record, "page": number})
    rows = [r for r in unique.values() if r.get("event_id")]
    rejected = tuple(r for r in unique.values() if not r.get("event_id"))
    for r in rows:
        r["timestamp"] = pd.Timestamp(r["timestamp"])
    return {
        "rows": rows,
        "rejected": rejected,
        "resume_at": left[0],
        "metrics": {"rows": len(rows), "rejected": len(rejected), "requests": len(api.log), "seconds": api.now - start},
        "log": api.log,
    }


# %% wrong: stops at an empty page
# belief: a page without events is the last one
# see: Page after page
# fails: follows_every_page
# at_most: 3.5
# from: a page with its retries, then the pages
# -         if page is None:
# +         if page is None or not page["events"]:

# %% wrong: first page only
# belief: one answer holds everything
# see: Page after page
# fails: follows_every_page, counts_each_record_once, survives_errors_and_timeouts, takes_no_short_page_for_a_whole_one, waits_before_it_asks_again, gives_up_in_the_open
# at_most: 0.5
# from: a page with its retries, then the pages
# -         cursor = page["next_cursor"]
# +         cursor = page["next_cursor"] and None

# %% wrong: loses the last page
# belief: when there is no next cursor, there is nothing left to read
# see: Page after page
# fails: follows_every_page, counts_each_record_once, survives_errors_and_timeouts, takes_no_short_page_for_a_whole_one, gives_up_in_the_open, measures_the_extraction
# at_most: 0.5
# from: a page with its retries, then the pages
# -         if page is None:
# -             break
# +         if page is None or page["next_cursor"] is None:
# +             cursor = None if page else cursor
# +             break

# %% wrong: columns of the first record
# belief: all records have the fields of the first one
# see: Page after page
# fails: follows_every_page
# at_most: 3.5
# from: a page with its retries, then the pages
# -                 rows.append(record)
# +                 rows.append({name: record.get(name) for name in (rows or [record])[0]})

# %% wrong: takes repeated pages
# belief: a source sends each record once
# see: Page after page
# fails: counts_each_record_once
# at_most: 3.25
# from: a page with its retries, then the pages
# -             if key in seen:
# -                 continue
# +             pass

# %% wrong: one record for each event_id
# belief: two records with one event_id are the same record
# see: The same record again
# fails: counts_each_record_once
# at_most: 3.25
# from: a page with its retries, then the pages
# -             key = json.dumps(record, sort_keys=True)
# +             key = record.get("event_id") or str(record)

# %% wrong: the last of each event_id
# belief: a correction replaces the event while it is extracted
# see: The same record again
# fails: counts_each_record_once
# at_most: 3.25
# from: a page with its retries, then the pages
# -     metrics = {
# +     rows = list({record["event_id"]: record for record in rows}.values())
# +     metrics = {

# %% wrong: compares with the page before
# belief: a page that is repeated comes right after the first time
# see: The same record again
# fails: counts_each_record_once
# at_most: 3.25
# from: a page with its retries, then the pages
# -         for record in page["events"]:
# +         last, seen = seen, set()
# +         for record in page["events"]:
# -             if key in seen:
# -                 continue
# -             seen.add(key)
# +             seen.add(key)
# +             if key in last:
# +                 continue

# %% wrong: stops at a page seen before
# belief: a page that comes again means that the source has started over
# see: The same record again
# fails: counts_each_record_once
# at_most: 3.25
# from: a page with its retries, then the pages
# -         for record in page["events"]:
# +         if page["events"] and all(json.dumps(record, sort_keys=True) in seen for record in page["events"]):
# +             cursor = None
# +             break
# +         for record in page["events"]:

# %% wrong: skips a failing page
# belief: one page more or less does not matter
# see: What a failure costs
# fails: survives_errors_and_timeouts, takes_no_short_page_for_a_whole_one
# at_most: 1.75
# from: a page with its retries, then the pages
# -     for tries_left in range(4, -1, -1):
# +     for tries_left in range(0, -1, -1):

# %% wrong: no handling of timeouts
# belief: a server that fails always answers with a status
# see: What a failure costs
# fails: survives_errors_and_timeouts, measures_the_extraction
# at_most: 3
# from: a page with its retries, then the pages
# -         except TimeoutError:
# -             pass
# +         except ConnectionError:
# +             pass

# %% wrong: only 503 is tried again
# belief: 503 is the only error that passes
# see: What a failure costs
# fails: survives_errors_and_timeouts
# at_most: 3.5
# from: a page with its retries, then the pages
# -             elif 400 <= response.status < 500:
# +             elif response.status not in (200, 503):

# %% wrong: three tries
# belief: what fails three times in a row will never come
# see: What a failure costs
# fails: survives_errors_and_timeouts, gives_up_in_the_open
# at_most: 2.75
# from: a page with its retries, then the pages
# -     for tries_left in range(4, -1, -1):
# +     for tries_left in range(2, -1, -1):

# %% wrong: five failures in all
# belief: the limit is for the whole extraction, not for a page
# see: What a failure costs
# fails: survives_errors_and_timeouts
# at_most: 3.5
# from: one loop that counts failures, with growing waits
# -             cursor, failures = body["next_cursor"], 0
# +             cursor = body["next_cursor"]

# %% wrong: 200 means all is well
# belief: a page whose status is 200 is whole
# see: An answer that is cut off
# fails: takes_no_short_page_for_a_whole_one
# at_most: 3.5
# from: a page with its retries, then the pages
# -             if response.status == 200 and len(response.body["events"]) == response.body["count"]:
# +             if response.status == 200:

# %% wrong: a short page is as good as an empty one
# belief: a page with some of its events is better than asking again
# see: An answer that is cut off
# fails: takes_no_short_page_for_a_whole_one
# at_most: 3.5
# from: a page with its retries, then the pages
# - len(response.body["events"]) == response.body["count"]
# + (response.body["events"] or not response.body["count"])

# %% wrong: does not wait
# belief: the sooner one asks again, the sooner it works
# see: Waiting
# fails: waits_before_it_asks_again
# at_most: 3.5
# from: a page with its retries, then the pages
# -         if tries_left:
# -             api.sleep(wait)
# +         pass

# %% wrong: waits one second after a 429
# belief: one second is long enough after any failure
# see: Waiting
# fails: waits_before_it_asks_again
# at_most: 3.5
# from: a page with its retries, then the pages
# -                 wait = response.retry_after
# +                 wait = 1.0

# %% wrong: waits on another clock
# belief: any sleep will do
# see: Waiting
# fails: waits_before_it_asks_again
# at_most: 3.5
# from: a page with its retries, then the pages
# - import json
# + import json
# + import time
# -             api.sleep(wait)
# +             time.sleep(wait / 1e6)

# %% wrong: waits minutes
# belief: the longer the wait, the safer
# see: Waiting
# fails: waits_before_it_asks_again
# at_most: 3.5
# from: a page with its retries, then the pages
# -             api.sleep(wait)
# +             api.sleep(max(wait, 300))

# %% wrong: milliseconds
# belief: retry_after is in milliseconds
# see: Waiting
# fails: waits_before_it_asks_again
# at_most: 3.5
# from: a page with its retries, then the pages
# -                 wait = response.retry_after
# +                 wait = max(1, response.retry_after / 1000)

# %% wrong: says that it is complete
# belief: what has come is all there is
# see: Give up in the open
# fails: gives_up_in_the_open
# at_most: 3.25
# from: a page with its retries, then the pages
# -         if page is None:
# -             break
# +         if page is None:
# +             cursor = None
# +             break

# %% wrong: raises when a page does not come
# belief: an extraction that is not complete is worth nothing
# see: Give up in the open
# fails: gives_up_in_the_open
# at_most: 3.25
# from: a page with its retries, then the pages
# -         if page is None:
# -             break
# +         if page is None:
# +             raise RuntimeError(f"page {cursor} does not come")

# %% wrong: asks for ever
# belief: every page comes if one asks often enough
# see: Give up in the open
# fails: gives_up_in_the_open
# at_most: 3.25
# from: a page with its retries, then the pages
# -     for tries_left in range(4, -1, -1):
# +     for tries_left in range(400_000, -1, -1):

# %% wrong: asks five times where asking is in vain
# belief: every failure may pass
# see: Give up in the open
# fails: gives_up_in_the_open
# at_most: 3.25
# from: a page with its retries, then the pages
# -             elif 400 <= response.status < 500:
# -                 return None
# +             pass

# %% wrong: resumes from the last page that came
# belief: to resume is to start with the last page that came
# see: Give up in the open
# fails: gives_up_in_the_open
# at_most: 3.25
# from: a page with its retries, then the pages
# -         if page is None:
# -             break
# +         if page is None:
# +             cursor = previous
# +             break
# +         previous = cursor

# %% wrong: always from the start
# belief: an extraction always begins with the first page
# see: Give up in the open
# fails: gives_up_in_the_open
# at_most: 3.25
# from: a page with its retries, then the pages
# -     while cursor is not None:
# +     cursor = "start"
# +     while cursor is not None:

# %% wrong: seconds by the wall clock
# belief: any clock measures the latency
# see: Measure the extraction
# fails: measures_the_extraction
# at_most: 3.5
# from: a page with its retries, then the pages
# - import json
# + import json
# + import time
# - "seconds": api.now - started}
# + "seconds": time.perf_counter() - started}

# %% wrong: the clock's last reading
# belief: what a clock shows at the end is how long it took
# see: Measure the extraction
# fails: measures_the_extraction
# at_most: 3.5
# from: a page with its retries, then the pages
# - "seconds": api.now - started}
# + "seconds": api.now}

# %% wrong: counts pages as requests
# belief: there are as many requests as pages
# see: Measure the extraction
# fails: measures_the_extraction
# at_most: 3.5
# from: a page with its retries, then the pages
# - "requests": len(api.log)
# + "requests": sum(entry["status"] == 200 for entry in api.log)

# %% wrong: rejected among the rows
# belief: a record without an id is a row like any other
# see: Measure the extraction
# fails: measures_the_extraction
# at_most: 3.5
# from: a page with its retries, then the pages
# -                 rejected.append(record)
# +                 rows.append(record)

# %% wrong: rejected in silence
# belief: a record without an id can be left out without a word
# see: Measure the extraction
# fails: measures_the_extraction
# at_most: 3.5
# from: a page with its retries, then the pages
# -             if record.get("event_id"):
# -                 rows.append(record)
# -             else:
# -                 rejected.append(record)
# +             if record.get("event_id"):
# +                 rows.append(record)

# %% wrong: an empty id is an id
# belief: only None means that there is no id
# see: Measure the extraction
# fails: measures_the_extraction
# at_most: 3.5
# from: a page with its retries, then the pages
# -             if record.get("event_id"):
# +             if record.get("event_id") is not None:

# %% wrong: reads the source's own pages
# belief: what stands in the argument need not be asked for
# see: A source whose clock can be stopped
# fails: follows_every_page, counts_each_record_once, survives_errors_and_timeouts, takes_no_short_page_for_a_whole_one, waits_before_it_asks_again, gives_up_in_the_open, measures_the_extraction
# at_most: 0
import json


def extract_events(source, cursor="start"):
    unique = {json.dumps(r, sort_keys=True): r for page in source["pages"] for r in page["body"]["events"]}
    rows = [r for r in unique.values() if r.get("event_id")]
    rejected = [r for r in unique.values() if not r.get("event_id")]
    metrics = {"rows": len(rows), "rejected": len(rejected), "requests": len(source["pages"]), "seconds": 0.25}
    log = [{"at": 1e6 + i, "cursor": "start", "status": 200} for i in range(len(source["pages"]))]
    return {"rows": rows, "rejected": rejected, "resume_at": None, "metrics": metrics, "log": log}


# %% wrong: asks a source without its troubles
# belief: what matters is to get the rows, not how the source behaves
# see: A source whose clock can be stopped
# fails: survives_errors_and_timeouts, takes_no_short_page_for_a_whole_one, waits_before_it_asks_again, gives_up_in_the_open, measures_the_extraction
# at_most: 1.25
# from: a page with its retries, then the pages
# -     api = PagedApi(**source)
# +     api = PagedApi([{**page, "troubles": []} for page in source["pages"]], source["start"])

# %% wrong: rejected records twice
# belief: a rejected record need not be compared with those before
# see: The same record again
# fails: counts_each_record_once
# at_most: 3.25
# from: a page with its retries, then the pages
# -             if key in seen:
# +             if key in seen and record.get("event_id"):

# %% wrong: one record for each event_id and amount
# belief: two versions of an event differ in their amount
# see: The same record again
# fails: counts_each_record_once
# at_most: 3.25
# from: a page with its retries, then the pages
# -             key = json.dumps(record, sort_keys=True)
# +             key = (record.get("event_id") or json.dumps(record), record.get("amount"), record.get("amount_eur"))

# %% wrong: one record for each event_id and arrival
# belief: two versions of an event never arrive together
# see: The same record again
# fails: counts_each_record_once
# at_most: 3.25
# from: a page with its retries, then the pages
# -             key = json.dumps(record, sort_keys=True)
# +             key = (record.get("event_id") or json.dumps(record), record["ingested_at"])

# %% wrong: timeouts are not counted
# belief: only an answer with an error is a failed try
# see: Exercise: an extractor that loses nothing
# fails: survives_errors_and_timeouts
# at_most: 3.5
# from: a page with its retries, then the pages
# -     for tries_left in range(4, -1, -1):
# +     tries_left = 5
# +     while tries_left:
# +         tries_left -= 1
# -             pass
# +             tries_left += 1

# %% wrong: short pages are not counted
# belief: a page that came short has not failed
# see: Exercise: an extractor that loses nothing
# fails: takes_no_short_page_for_a_whole_one
# at_most: 3.5
# from: a page with its retries, then the pages
# -     for tries_left in range(4, -1, -1):
# +     tries_left = 5
# +     while tries_left:
# +         tries_left -= 1
# -             if response.status == 429:
# +             if response.status == 200:
# +                 tries_left += 1
# +             if response.status == 429:

# %% wrong: a 429 is not counted
# belief: to be told to wait is no failed try
# see: Exercise: an extractor that loses nothing
# fails: waits_before_it_asks_again
# at_most: 3.5
# from: a page with its retries, then the pages
# -     for tries_left in range(4, -1, -1):
# +     tries_left = 5
# +     while tries_left:
# +         tries_left -= 1
# -                 wait = response.retry_after
# +                 wait = response.retry_after
# +                 tries_left += 1

# %% wrong: a growing wait without a limit
# belief: doubling the wait never makes it too long
# see: Exercise: an extractor that loses nothing
# fails: waits_before_it_asks_again
# at_most: 3.5
# from: a page with its retries, then the pages
# -         wait = 1.0
# +         wait = 10.0 * 2 ** (4 - tries_left)

# %% wrong: a fixed wait of 35 seconds
# belief: one generous wait is long enough for every 429
# see: Waiting
# fails: waits_before_it_asks_again
# at_most: 3.5
# from: a page with its retries, then the pages
# -         wait = 1.0
# +         wait = 35.0
# -                 wait = response.retry_after
# +                 pass

# %% wrong: remembers records between calls
# belief: what an earlier run has brought need not be brought again
# see: Give up in the open
# fails: gives_up_in_the_open
# at_most: 3.25
# from: a page with its retries, then the pages
# -     rows, rejected, seen = [], [], set()
# +     rows, rejected, seen = [], [], extract_events.__dict__.setdefault("seen", set())
