"""Checks of lesson 02: rules that put every row into exactly one table, and deduplication that loses nothing."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import pandas as pd

from autograder import expect
from autograder.checking import Incorrect, check
from autograder.checks._validation import (
    COLUMNS,
    Day,
    are,
    cells_of,
    day_of,
    expect_all_reasons,
    expect_as_sent,
    expect_every_row,
    expect_good_rows,
    expect_rules,
    how_many,
    keys_of,
    last_copies,
    they,
    two_tables,
    verb,
)
from autograder.quiz import question
from autograder.seam import Answer
from autograder.worlds import Worlds

# --- validation.events -------------------------------------------------------------------------------------------

EVENTS = "validation.events"


@check(
    EVENTS,
    points=0.5,
    hints=[
        "What does the last line of your function return?",
        "It returns two tables: the valid rows, then the quarantined ones. Only the second has a column `reasons`.",
        "`return events[reasons == ''], events[reasons != ''].assign(reasons=...)`",
    ],
)
def events_come_back_in_two_tables(answer: Answer, worlds: Worlds) -> None:
    """Two tables come back: the valid events, and the quarantined ones with a column `reasons`."""
    day = day_of(worlds, "events", "two tables", amount_negative=2)
    two_tables(day, day.ask(answer))


@check(
    EVENTS,
    points=0.5,
    needs=events_come_back_in_two_tables,
    hints=[
        "How many rows went in, and how many came out?",
        "Cut the table once, with one mask and its opposite. Two separately written conditions can both miss a row.",
        "`bad = reasons != ''`, then `events[~bad]` and `events[...]`",
    ],
)
def every_event_comes_out_once(answer: Answer, worlds: Worlds) -> None:
    """Every event that goes in comes out exactly once, copies included, with the values that it came with."""
    day = day_of(
        worlds,
        "events",
        "every row",
        missing_user_id=3,
        unknown_user=3,
        amount_missing=3,
        amount_negative=3,
        duplicate_exact=3,
    )
    dear, cheap = day.free(2)
    day.put("amount", {dear: 19.99, cheap: 0.05})
    day.put("product_category", {cheap: None})
    day.again(day.bad()[0])
    expect_every_row(day, answer)


@check(
    EVENTS,
    points=0.5,
    needs=events_come_back_in_two_tables,
    hints=[
        "Is a missing user_id a user that nobody knows, or no user at all?",
        "`isin` answers False for a missing value, so a missing id looks unknown unless the rule excludes it.",
        '`"user_unknown": events["user_id"].notna() & ...`',
    ],
)
def missing_and_unknown_users_are_told_apart(answer: Answer, worlds: Worlds) -> None:
    """A missing user_id is `user_id_missing`; an id that is not in known_users is `user_unknown`."""
    day = day_of(worlds, "events", "users", missing_user_id=4, unknown_user=4)
    # a user may be unknown although the id is an ordinary one: only the list decides
    seen = sorted(set(day.rows.loc[day.free(60), "user_id"]))
    gone = seen[len(seen) // 2]  # neither the lowest id nor the highest
    day.known_users.remove(int(gone))
    for row in range(len(day.rows)):
        if day.rows["user_id"][row] == gone:
            day.broken[row].add("user_unknown")
    _blank(day, "product_id")
    expect_rules(day, answer, {"user_id_missing", "user_unknown"}, ("user_id",))


@check(
    EVENTS,
    points=0.5,
    needs=events_come_back_in_two_tables,
    hints=[
        "What is `float('nan') < 0`? And `float('nan') >= 0`?",
        "Every comparison with a missing value is False, so it needs a rule of its own: look at `isna`.",
        '`"amount_missing": events["amount"]. ...`',
    ],
)
def missing_amounts_are_found(answer: Answer, worlds: Worlds) -> None:
    """An event without an amount is `amount_missing`, and nothing else about its amount."""
    day = day_of(worlds, "events", "missing amounts", amount_missing=4)
    day.put("event_type", dict.fromkeys(day.bad()[:2], "view"))
    _blank(day, "product_id")
    never = {"amount_not_a_number", "amount_negative"}
    expect_rules(day, answer, {"amount_missing"}, ("event_type", "amount"), never=never)


@check(
    EVENTS,
    points=0.5,
    needs=events_come_back_in_two_tables,
    hints=[
        "After `pd.to_numeric(..., errors='coerce')`, how can you tell a text from a missing value?",
        "A text is an amount that was given but could not be read: `notna` before, missing after.",
        '`"amount_not_a_number": events["amount"].notna() & amount. ...`',
    ],
)
def text_amounts_are_found(answer: Answer, worlds: Worlds) -> None:
    """An amount that is text, such as "abc", is `amount_not_a_number`; a missing one beside it is still missing."""
    day = day_of(worlds, "events", "text amounts", amount_text=4, amount_missing=2)
    text = [row for row in day.bad() if "amount_not_a_number" in day.broken[row]]
    day.put("amount", dict(zip(text, ("abc", "12..5", "?", "ten EUR"), strict=True)))
    day.put("event_type", dict.fromkeys(text[:2], "view"))
    never = {"amount_missing", "amount_negative"}
    found = expect_rules(day, answer, {"amount_not_a_number"}, ("event_type", "amount"), never=never)
    expect_as_sent(day, found, "amount")


@check(
    EVENTS,
    points=0.5,
    needs=events_come_back_in_two_tables,
    hints=[
        "What do `isinstance(True, int)` and `pd.to_numeric` make of True? What is infinity plus one?",
        "`finite_numbers` from the worked example reads True, False and infinity as no number.",
        '`amount = finite_numbers(events["amount"])`, and use `amount` in the rules below it',
    ],
)
def only_finite_numbers_are_amounts(answer: Answer, worlds: Worlds) -> None:
    """True, False and infinity are `amount_not_a_number`; whole numbers and decimals are numbers."""
    day = day_of(worlds, "events", "odd amounts")
    odd = dict(zip(day.free(4), (True, False, math.inf, -math.inf), strict=True))
    day.put("amount", odd, "amount_not_a_number")
    whole = dict(zip(day.free(3), (0, 7, 120), strict=True))
    day.put("amount", {**whole, **odd})
    never = {"amount_missing", "amount_negative"}
    expect_rules(day, answer, {"amount_not_a_number"}, ("event_type", "amount"), never=never)


@check(
    EVENTS,
    points=0.5,
    needs=events_come_back_in_two_tables,
    hints=[
        "Is 0 negative? Most events have exactly that amount.",
        "The bound belongs to the good side: the rule names what is below it.",
        '`"amount_negative": amount ... 0`',
    ],
)
def negative_amounts_are_found_and_zero_is_not(answer: Answer, worlds: Worlds) -> None:
    """An amount below 0 is `amount_negative`; 0 is not, whatever the type of the event."""
    day = day_of(worlds, "events", "negative amounts", amount_negative=4)
    day.put("event_type", dict.fromkeys(day.bad()[:2], "refund"))
    first, second, third = day.free(3)
    day.put("amount", {first: -0.01}, "amount_negative")
    day.put("event_type", {second: "purchase"})
    day.put("amount", {second: 0.0, third: 0.01})
    never = {"amount_missing", "amount_not_a_number"}
    expect_rules(day, answer, {"amount_negative"}, ("event_type", "amount"), never=never)


@check(
    EVENTS,
    points=0.5,
    needs=events_come_back_in_two_tables,
    hints=[
        "Can a message arrive before the thing that it tells of has happened?",
        "Compare two columns of the same row: the time of the event and the time of its arrival.",
        '`"arrived_too_early": events["ingested_at"] ... events["timestamp"]`',
    ],
)
def events_that_arrive_too_early_are_found(answer: Answer, worlds: Worlds) -> None:
    """An event that arrives before it happens is `arrived_too_early`; one that arrives at that instant is not."""
    day = day_of(worlds, "events", "early", future_timestamp=4, late=3)
    first, second = day.free(2)
    half = day.rows["timestamp"][first] + pd.Timedelta(milliseconds=500)
    day.put("timestamp", {first: half})
    day.put("ingested_at", {first: half - pd.Timedelta(microseconds=1)}, "arrived_too_early")
    day.put("ingested_at", {second: day.rows["timestamp"][second]})
    expect_rules(day, answer, {"arrived_too_early"}, ("timestamp", "ingested_at"))


@check(
    EVENTS,
    points=0.5,
    needs=events_come_back_in_two_tables,
    hints=[
        "What do you know of a row that broke the first rule: does the second still get to look at it?",
        "Try every rule on every row, and collect the names; cut the table only at the end.",
        "`for rule, rows in broken.items(): reasons[rows] ... rule + ';'`",
    ],
)
def events_carry_every_reason(answer: Answer, worlds: Worlds) -> None:
    """An event that breaks several rules stands in quarantine once, with the names of all of them."""
    day = day_of(worlds, "events", "several", amount_negative=4)
    *rows, nobody = day.bad()
    day.put("user_id", {nobody: None}, "user_id_missing")
    early = {row: day.rows["timestamp"][row] - pd.Timedelta(hours=1) for row in rows[:2]}
    day.put("ingested_at", early, "arrived_too_early")
    day.put("user_id", {row: 1_000_000 + row for row in rows[1:]}, "user_unknown")
    expect_all_reasons(day, answer, ("user_id", "amount", "timestamp", "ingested_at"))


@check(
    EVENTS,
    points=0.5,
    needs=events_come_back_in_two_tables,
    hints=[
        "Does your function refuse a row for something that no rule in the docstring names?",
        "A search has no product, and nobody asked for a known event_type: only the named columns have rules.",
        "Look for `dropna()` without `subset=...`, and for rules that you added yourself",
    ],
)
def good_events_stay_valid(answer: Answer, worlds: Worlds) -> None:
    """An event that breaks none of the six rules is valid, however odd the rest of it looks."""
    clean = day_of(worlds, "events", "clean")
    clean.rows["amount"] = clean.rows["amount"].round().astype("int64")
    expect_good_rows(clean, answer, ("event_type", "amount"))

    day = day_of(
        worlds,
        "events",
        "odd but good",
        amount_negative=1,
        unknown_user=1,
        messy_event_type=3,
        unknown_event_type=3,
        unknown_product=3,
        late=3,
        duplicate_exact=2,
    )
    search, view, purchase = day.free(3)
    day.put("event_type", {search: "search", view: "view", purchase: "purchase"})
    day.put("product_id", {search: None})
    day.put("product_category", {search: None})
    day.put("amount", {view: 1_000_000.0, purchase: 0.0})
    # a good event of a user who has a bad one, and one that arrives very late
    other = day.rows.loc[next(row for row in day.bad() if "amount_negative" in day.broken[row]), "user_id"]
    day.put("user_id", {search: other})
    day.put("ingested_at", {view: day.rows["timestamp"][view] + pd.Timedelta(days=400)})
    expect_good_rows(day, answer, ("event_type", "product_id", "amount"))


def _blank(day: Day, column: str) -> None:
    """Empty an optional column in the bad rows: no reason here, but one by the rules of the course's pipeline."""
    day.put(column, dict.fromkeys(day.bad(), None))


# --- validation.products -----------------------------------------------------------------------------------------

PRODUCTS = "validation.products"


@check(
    PRODUCTS,
    points=0.5,
    hints=[
        "What does your function return, and in which order?",
        "Two tables: the valid rows first, then the quarantined ones with a column `reasons`.",
        "`return products[...], products[...].assign(reasons=...)`",
    ],
)
def products_come_back_in_two_tables(answer: Answer, worlds: Worlds) -> None:
    """Two tables come back: the valid products, and the quarantined ones with a column `reasons`."""
    day = day_of(worlds, "products", "two tables", stock_negative=2)
    two_tables(day, day.ask(answer))


@check(
    PRODUCTS,
    points=0.5,
    needs=products_come_back_in_two_tables,
    hints=[
        "How many rows went in, and how many came out?",
        "Nothing is removed here, not even a copy: each row is either valid or quarantined.",
        "`len(valid) + len(quarantined) == ...`",
    ],
)
def every_product_comes_out_once(answer: Answer, worlds: Worlds) -> None:
    """Every product row that goes in comes out exactly once, copies included, with the values that it came with."""
    day = day_of(
        worlds,
        "products",
        "every row",
        missing_product_id=3,
        price_negative=3,
        price_missing=3,
        stock_negative=3,
        duplicate_exact=2,
    )
    day.put("category", dict.fromkeys(day.free(1), None))
    day.again(next(row for row in day.bad() if "product_id_missing" in day.broken[row]))
    _mark_repeated(day)
    expect_every_row(day, answer)


@check(
    PRODUCTS,
    points=0.5,
    needs=products_come_back_in_two_tables,
    hints=[
        "What is left of the text 'abc' after `pd.to_numeric(..., errors='coerce')`?",
        "Missing and unreadable are two rules: the first asks the received column, the second both.",
        "`price = finite_numbers(...)`, then `products['price'].notna() & ...`",
    ],
)
def missing_and_text_prices_are_told_apart(answer: Answer, worlds: Worlds) -> None:
    """A missing price is `price_missing`; text, True, False and infinity are `price_not_a_number`."""
    never = {"price_not_positive"}
    scope = {"price_missing", "price_not_a_number"}
    day = day_of(worlds, "products", "missing prices", price_missing=3)
    _blank(day, "category")
    expect_rules(day, answer, scope, ("price",), never=never)
    day = day_of(worlds, "products", "text prices", price_missing=2, price_text=3)
    odd = dict(zip(day.free(3), (True, False, math.inf), strict=True))
    day.put("price", odd, "price_not_a_number")
    expect_as_sent(day, expect_rules(day, answer, scope, ("price",), never=never), "price")


@check(
    PRODUCTS,
    points=0.5,
    needs=products_come_back_in_two_tables,
    hints=[
        "Which of the two may be exactly 0: the price, or the stock?",
        "A price must be above 0; a stock of 0 is sold out and valid.",
        "`price ... 0` and `products['stock_count'] ... 0`: one of them includes the bound",
    ],
)
def prices_and_stocks_keep_to_their_bounds(answer: Answer, worlds: Worlds) -> None:
    """A price of 0 or less is `price_not_positive`; a stock below 0 is `stock_negative`, a stock of 0 is valid."""
    day = day_of(worlds, "products", "bounds", price_negative=2, stock_negative=2)
    free, least, empty = day.free(3)
    day.put("price", {free: 0.0}, "price_not_positive")
    day.put("price", {least: 0.01})
    day.put("stock_count", {empty: 0})
    expect_rules(day, answer, {"price_not_positive", "stock_negative"}, ("price", "stock_count"))


@check(
    PRODUCTS,
    points=0.5,
    needs=products_come_back_in_two_tables,
    hints=[
        "Are 'books' and ' Books ' two categories? Is a missing one a wrong one?",
        "Compare a tidied copy of the column with the list, and let missing values pass.",
        "`products['category'].notna() & ~products['category'].str. ... .isin(CATEGORIES)`",
    ],
)
def unknown_categories_are_found_in_any_spelling(answer: Answer, worlds: Worlds) -> None:
    """A category that is none of the five is `category_unknown`, whatever its case and spaces; missing is valid."""
    day = day_of(worlds, "products", "categories")
    messy, rows = day.free(4), day.free(9)[4:]
    day.put("category", dict(zip(messy, (" food", "FOOD ", "  Food  ", "bOOKS"), strict=True)))
    day.put("category", dict(zip(rows[:3], ("toys", "book", " Garden "), strict=True)), "category_unknown")
    day.put("category", dict.fromkeys(rows[3:], None))
    expect_rules(day, answer, {"category_unknown"}, ("category",))


@check(
    PRODUCTS,
    points=0.5,
    needs=products_come_back_in_two_tables,
    hints=[
        "Two rows claim one product_id: which of them does your function believe? And two rows without an id?",
        "`duplicated` marks all but the first unless told otherwise, and takes missing ids for equal ones. Ids are "
        "compared as they stand: 'P1' and 'p1 ' are two.",
        "`products['product_id'].duplicated(keep=...) & products['product_id']. ...`",
    ],
)
def missing_and_repeated_ids_are_told_apart(answer: Answer, worlds: Worlds) -> None:
    """Every row of a repeated product_id is `product_id_repeated`; rows without an id are `product_id_missing` only."""
    day = day_of(worlds, "products", "ids", missing_product_id=3, duplicate_exact=1, duplicate_conflict=2)
    one, lower, spaced = day.free(3)
    name = day.rows["product_id"][one]
    day.put("product_id", {lower: name.lower(), spaced: f"{name} "})  # other ids: they are compared as they stand
    _mark_repeated(day)
    expect_rules(day, answer, {"product_id_missing", "product_id_repeated"}, ("product_id",))


@check(
    PRODUCTS,
    points=0.5,
    needs=products_come_back_in_two_tables,
    hints=[
        "Does a row that has already failed still meet the other rules?",
        "Collect the name of every rule that a row breaks before you cut the table.",
        "`reasons[rows] += ...` inside a loop over all rules",
    ],
)
def products_carry_every_reason(answer: Answer, worlds: Worlds) -> None:
    """A product that breaks several rules stands in quarantine once, with the names of all of them."""
    day = day_of(worlds, "products", "several", price_negative=4)
    *rows, nameless = day.bad()
    day.put("product_id", {nameless: None}, "product_id_missing")
    day.put("category", {nameless: "toys"}, "category_unknown")
    day.put("stock_count", dict.fromkeys(rows[:2], -3), "stock_negative")
    day.put("category", dict.fromkeys(rows[1:], "toys"), "category_unknown")
    expect_all_reasons(day, answer, ("category", "price", "stock_count"))


@check(
    PRODUCTS,
    points=0.5,
    needs=products_come_back_in_two_tables,
    hints=[
        "Does your function refuse a row for something that no rule in the docstring names?",
        "A product may have no category yet, and its price may be whole or very high.",
        "Look for `dropna()`, for upper bounds, and for exact types such as `float`",
    ],
)
def good_products_stay_valid(answer: Answer, worlds: Worlds) -> None:
    """A product that breaks none of the seven rules is valid, however odd the rest of it looks."""
    clean = day_of(worlds, "products", "clean")
    clean.rows["price"] = clean.rows["price"].round().astype("int64").clip(lower=1)
    expect_good_rows(clean, answer, ("category", "price"))

    day = day_of(worlds, "products", "odd but good", price_negative=1, stock_negative=1)
    unsorted, dear, cheap, stocked = day.free(4)
    day.put("category", {unsorted: None})
    day.put("price", {dear: 250_000.0, cheap: 0.01})
    day.put("stock_count", {stocked: 2_000_000, cheap: 0})
    expect_good_rows(day, answer, ("category", "price", "stock_count"))


def _mark_repeated(day: Day) -> None:
    """Every row that shares its product_id with another breaks a rule."""
    times = Counter(day.rows["product_id"].dropna())
    for row, product_id in enumerate(day.rows["product_id"]):
        if times[product_id] > 1:
            day.broken[row].add("product_id_repeated")


# --- validation.deduplicate --------------------------------------------------------------------------------------

DEDUPLICATE = "validation.deduplicate"
PARTS = ("kept", "superseded", "conflicts")


def _batch(worlds: Worlds, name: str, *, blank: bool = False, **faults: int) -> pd.DataFrame:
    """Events with so many copies of each kind, in no order of arrival.

    Copied events are refunds: nothing here asks for the type, but the rules of the course's pipeline do. With
    `blank`, some events have no product, every second copied one among them: their copies are equal although a
    missing value is not equal to itself.
    """
    world = worlds.make(
        f"validation copies {name}",
        users=30,
        events=60,
        products=20,
        faults={f"events.{fault}": count for fault, count in faults.items()},
    )
    rows = world.events.copy()
    event_id = rows["event_id"].str.strip().str.upper()
    copied = world.truth["key"].unique()
    rows["event_type"] = rows["event_type"].mask(event_id.isin(copied), "refund")
    if blank:
        without = event_id.isin(copied[::2]) | ~event_id.isin(copied) & (event_id.str[1:].astype("int64") % 3 == 0)
        rows[["product_id", "product_category"]] = rows[["product_id", "product_category"]].mask(without)
    order = worlds.rng(f"validation order {name}").permutation(len(rows))
    return rows.iloc[order].reset_index(drop=True)


def _wanted(rows: pd.DataFrame) -> list[str]:
    """The part in which each row belongs, from the policy as the exercise states it.

    Of rows that are equal in every column, the first is taken as the kept one; which of them it is cannot be seen.
    """
    columns = [name for name in COLUMNS["events"] if name != "event_id"]
    payloads = cells_of(rows, columns)
    groups: dict[Hashable, list[int]] = {}
    for row, key in enumerate(keys_of(rows, "event_id")):
        groups.setdefault(key, []).append(row)
    parts = ["superseded"] * len(rows)
    for group in groups.values():
        latest = max(rows["ingested_at"][row] for row in group)
        newest = [row for row in group if rows["ingested_at"][row] == latest]
        if len({payloads[row] for row in newest}) > 1:
            for row in group:
                parts[row] = "conflicts"
        else:
            parts[newest[0]] = "kept"
    return parts


def _three_tables(value: Any, columns: Sequence[str] = ("event_id",)) -> dict[str, pd.DataFrame]:
    tables = expect.parts(value, PARTS)
    titles = {"kept": "the kept rows", "superseded": "the superseded rows", "conflicts": "the rows in conflict"}
    return {name: expect.frame(t, titles[name], columns=columns) for name, t in zip(PARTS, tables, strict=True)}


COMPARED = ("event_id", "amount", "ingested_at")


def _expect_parts(rows: pd.DataFrame, answer: Answer) -> None:
    """Every row of an event with copies is in the part in which it belongs, and nothing else is in the last two.

    Whether events without copies are kept is the matter of `every_copy_is_accounted_for`.
    """
    tables = _three_tables(answer(rows), COMPARED)
    wanted = pd.Series(_wanted(rows), index=rows.index)
    back = {name: Counter(cells_of(table, COMPARED)) for name, table in tables.items()}
    cells = cells_of(rows, COMPARED)
    times = Counter(key for key, *_ in cells)
    for part, message in (
        ("conflicts", "{rows} of events in conflict {are} not in `conflicts`."),
        ("kept", "{rows} that should be kept {are} not in `kept`."),
        ("superseded", "{rows} that {are} superseded {are} not in `superseded`."),
    ):
        left = back[part].copy()
        missing = []
        for row in wanted.index[wanted == part]:
            if left[cells[row]]:
                left[cells[row]] -= 1
            elif times[cells[row][0]] > 1:
                missing.append(row)
        if missing:
            keys = {cells[row][0] for row in missing}
            where = [_where(cells[row], back) for row in missing]
            raise Incorrect(
                message.format(rows=how_many(missing, "row"), are=are(missing)),
                expected=f"{int((wanted == part).sum())} rows in `{part}`",
                got=f"{back[part].total()} rows in `{part}`; {rows['event_id'][missing[0]]} came back in {where[0]}",
                evidence={"All copies of these events": _copies(rows, keys, wanted, back)},
            )
    for part in PARTS:
        extra = list((back[part] - Counter(cells[row] for row in wanted.index[wanted == part])).elements())
        if extra:
            keys = {cell[0] for cell in extra}
            raise Incorrect(
                f"{how_many(extra, 'row')} in `{part}` {verb(extra, 'does', 'do')} not belong there.",
                expected=f"{int((wanted == part).sum())} rows in `{part}`",
                got=f"{back[part].total()} rows in `{part}`",
                evidence={"All copies of these events": _copies(rows, keys, wanted, back)},
            )


def _where(cell: tuple[Hashable, ...], back: Mapping[str, Counter[tuple[Hashable, ...]]]) -> str:
    return " and ".join(f"`{name}`" for name in PARTS if back[name][cell]) or "no table"


def _copies(
    rows: pd.DataFrame,
    keys: set[Hashable],
    wanted: pd.Series[str],
    back: Mapping[str, Counter[tuple[Hashable, ...]]],
) -> pd.DataFrame:
    """The received rows of these events, copies together, with where they belong and where they came back."""
    chosen = [row for row, key in enumerate(keys_of(rows, "event_id")) if key in keys]
    cells = cells_of(rows, COMPARED)
    table = rows.loc[chosen, list(COMPARED)].assign(expected=wanted[chosen])
    table["came back"] = [_where(cells[row], back).replace("`", "") for row in chosen]
    order = table["event_id"].str.strip().str.upper().sort_values(kind="stable").index
    return table.loc[order]


@check(
    DEDUPLICATE,
    points=0.5,
    hints=[
        "What does your function return, and in which order?",
        "Three tables with the received columns: `kept`, `superseded`, `conflicts`. Each of them may be empty.",
        "`return kept, superseded, ...`",
    ],
)
def three_tables_come_back(answer: Answer, worlds: Worlds) -> None:
    """Three tables come back: kept, superseded and conflicts."""
    _three_tables(answer(_batch(worlds, "three tables", duplicate_exact=2)))


@check(
    DEDUPLICATE,
    points=0.5,
    shrinks=False,
    needs=three_tables_come_back,
    hints=[
        "How many rows went in, and how many came out of the three tables together?",
        "Removed copies go into `superseded`; nothing is thrown away, and nothing stands in two tables.",
        "`superseded = rows that are neither kept nor ...`",
    ],
)
def every_copy_is_accounted_for(answer: Answer, worlds: Worlds) -> None:
    """Every row that goes in comes out exactly once, in one of the three tables, with the values that it came with."""
    rows = _batch(worlds, "every row", blank=True, duplicate_exact=3, duplicate_newer=3, duplicate_conflict=2)
    columns = COLUMNS["events"]
    tables = _three_tables(answer(rows))
    total = " + ".join(f"{len(tables[name])} {name}" for name in PARTS)
    key = "event_id"
    keys = keys_of(rows, key)
    received = Counter(keys)
    back = sum((Counter(keys_of(table, key)) for table in tables.values()), Counter[Hashable]())
    for wrong, title in (
        ([row for row in last_copies(keys) if back[keys[row]] < received[keys[row]]], "came out less often than"),
        ([row for row in last_copies(keys) if back[keys[row]] > received[keys[row]]], "came out more often than"),
    ):
        if wrong:
            raise Incorrect(
                f"{how_many(wrong, 'event')} {title} {they(wrong, 'it', 'they')} went in.",
                expected=f"{len(rows)} rows in, {len(rows)} rows out",
                got=total,
                evidence={
                    "These events": rows.loc[wrong, [key]].assign(
                        rows_in=[received[keys[row]] for row in wrong], rows_out=[back[keys[row]] for row in wrong]
                    )
                },
            )
    for name, table in tables.items():
        expect.frame(table, f"the table `{name}`", columns=columns)
    both = pd.concat([table[list(columns)].astype(object) for table in tables.values()])
    changed = Counter(cells_of(both, columns)) - Counter(cells_of(rows, columns))
    if changed:
        names = {cell[0] for cell in changed}
        raise Incorrect(
            f"{how_many(list(changed.elements()), 'row')} came out that never went in like this.",
            expected="the received rows with the received values, each of them once",
            got=total,
            evidence={
                "As received": rows.loc[[row for row, name in enumerate(keys) if name in names], list(COMPARED)],
                "As returned": both[[name in names for name in keys_of(both, key)]][list(COMPARED)],
            },
        )
    kept = set(keys_of(tables["kept"], key))
    alone = [row for row, name in enumerate(keys) if received[name] == 1 and name not in kept]
    if alone:
        raise Incorrect(
            f"{how_many(alone, 'event')} without any copy {are(alone)} not among the kept ones.",
            expected=f"every event that came once in `kept`: {sum(n == 1 for n in received.values())} rows",
            got=total,
            evidence={"Not kept": rows.loc[alone, list(COMPARED)]},
        )
    if len(tables["kept"]) == len(rows):
        raise Incorrect(
            "Every row was kept, copies included.",
            expected=f"one kept row for each event: at most {len(received)}",
            got=f"{len(rows)} kept rows",
        )


@check(
    DEDUPLICATE,
    points=1,
    needs=three_tables_come_back,
    hints=[
        "How many of three equal rows should be left?",
        "One stays. `keep=False` takes the event away altogether. Two missing values count as equal.",
        "`rows.duplicated(...)` with `keep='first'` marks all copies but one",
    ],
)
def exact_copies_are_kept_once(answer: Answer, worlds: Worlds) -> None:
    """Of rows that are equal in every column, one is kept and the others are superseded."""
    rows = _batch(worlds, "exact", blank=True, duplicate_exact=5)
    again = rows[rows["event_id"].duplicated()].head(1)  # a third copy of one event
    _expect_parts(pd.concat([again, rows], ignore_index=True), answer)


@check(
    DEDUPLICATE,
    points=1,
    needs=three_tables_come_back,
    hints=[
        "Is the row that stands first, or last, in the table always the newest?",
        "The newest is the one with the largest ingested_at, wherever it stands.",
        "`rows.groupby(key)['ingested_at'].transform(...)`",
    ],
)
def the_newest_correction_is_kept(answer: Answer, worlds: Worlds) -> None:
    """Of copies that arrived at different times, the newest is kept and the others are superseded, in any row order."""
    rows = _batch(worlds, "newer", duplicate_newer=6)
    rows = rows.sort_values("ingested_at", kind="stable").reset_index(drop=True)
    newest = rows["event_id"].duplicated()
    # a third, still newer version of one event, and a row order in which neither first nor last is a safe guess
    third = rows[newest].head(1)
    third = third.assign(amount=third["amount"] + 1, ingested_at=third["ingested_at"] + pd.Timedelta(milliseconds=1))
    # and one in which the correction is taken back: the newest version is equal to the oldest but for its arrival
    second = rows[newest].tail(1)
    first = rows[rows["event_id"].isin(second["event_id"]) & ~newest]
    back = first.assign(ingested_at=second["ingested_at"].iloc[0] + pd.Timedelta(seconds=1))
    rows = pd.concat([rows, third, back], ignore_index=True)
    _expect_parts(rows, answer)
    _expect_parts(rows.iloc[::-1].reset_index(drop=True), answer)


@check(
    DEDUPLICATE,
    points=0.5,
    needs=three_tables_come_back,
    hints=[
        "Two newest rows give two amounts: which one would you charge the customer?",
        "Neither can be trusted, so every row of that event goes into `conflicts`, and none is kept.",
        "Among the newest rows of a key, count the different ones: more than one is a ...",
    ],
)
def conflicts_are_set_aside(answer: Answer, worlds: Worlds) -> None:
    """When an event's newest copies arrived together and differ, all its rows are in conflicts and none is kept."""
    _expect_parts(_batch(worlds, "conflict", duplicate_conflict=4), answer)


@check(
    DEDUPLICATE,
    points=0.5,
    needs=three_tables_come_back,
    hints=[
        "In how many columns may two rows contradict each other?",
        "In any, and a value against a missing one is a contradiction too, which `nunique` does not count.",
        "`rows[is_newest].drop_duplicates()` leaves one row per version: count them by ...",
    ],
)
def conflicts_may_be_in_any_column(answer: Answer, worlds: Worlds) -> None:
    """Newest copies that differ in any one column, or by one missing value, are in conflict as well."""
    rows = _batch(worlds, "columns", duplicate_exact=5)
    rows = rows[rows["product_id"].notna()]
    once = rows[rows["event_type"] == "refund"].drop_duplicates("event_id")
    again = rows.drop(index=once.index)  # the copies and the others
    kind, product, user, category, moment = (once.iloc[[i]] for i in range(5))
    changed = [
        kind.assign(event_type="view"),
        product.assign(product_id=pd.Series([None], index=product.index, dtype=rows["product_id"].dtype)),
        user.assign(user_id=user["user_id"] + 1),
        category.assign(product_category="garden"),
        moment.assign(timestamp=moment["timestamp"] - pd.Timedelta(seconds=1)),
    ]
    _expect_parts(pd.concat([again, *changed], ignore_index=True), answer)


@check(
    DEDUPLICATE,
    points=0.5,
    needs=three_tables_come_back,
    hints=[
        "Two old copies contradict each other, and then a correction arrives. Is there still a conflict?",
        "Only the newest copies decide: if they agree, older ones are superseded; if not, all rows are in conflict.",
        "Look for the conflict among `rows[is_newest]`, then mark all rows with that ...",
    ],
)
def only_the_newest_copies_decide(answer: Answer, worlds: Worlds) -> None:
    """A later correction settles an old conflict; where the newest copies conflict, all others join them."""
    rows = _batch(worlds, "settled", duplicate_conflict=4)
    copied = rows[rows["event_id"].duplicated()]
    later = pd.Timedelta(minutes=5)
    settled = copied.iloc[:2].assign(ingested_at=lambda r: r["ingested_at"] + later, amount=lambda r: r["amount"] + 2)
    older = copied.iloc[2:3].assign(ingested_at=lambda r: r["ingested_at"] - later, amount=lambda r: r["amount"] + 2)
    equal = copied.iloc[3:4]
    _expect_parts(pd.concat([settled, rows, older, equal], ignore_index=True), answer)


@check(
    DEDUPLICATE,
    points=0.5,
    needs=three_tables_come_back,
    hints=[
        "Are 'E00000007' and ' e00000007' two events?",
        "Group by a tidied copy of the id: without outer spaces, all in one case.",
        "`key = events['event_id'].str. ... .str. ...`",
    ],
)
def ids_are_compared_without_case_and_space(answer: Answer, worlds: Worlds) -> None:
    """Event ids that differ only in case or outer spaces are one event."""
    rows = _batch(worlds, "messy", messy_event_id=6)
    third = rows[rows["event_id"].str.fullmatch("E[0-9]+")].iloc[:3]  # copied or not, they come again
    again = third.assign(event_id="  " + third["event_id"].str.lower())
    other = third.iloc[:1].assign(event_id=third["event_id"].str[:4] + " " + third["event_id"].str[4:])
    again = pd.concat([again, other])  # a space inside an id is part of it
    _expect_parts(pd.concat([again, rows], ignore_index=True), answer)


# --- validation.recap ------------------------------------------------------------------------------------------

RECAP = "validation.recap"

ages_in_neither = question(
    RECAP,
    "1",
    "Which ages are in neither of the two groups?",
    right="b",
    wrong={
        "a": "`between` includes both bounds, so 0 is in the first group.",
        "c": "They look like opposites, but every comparison with a missing value is False: in both of them.",
        "d": "121 is above 120, so it is in the second group.",
    },
    points=0.5,
    hints=[
        "What does a comparison with a missing value answer?",
        "`between(0, 120)` asks two comparisons, and the second group asks two others. Try all four on a missing age.",
        "`pd.Series([0, 40, 121, None]).between(0, 120)`: which rows are False here, and which of those are ...",
    ],
)
coerced_text = question(
    RECAP,
    "2",
    "What does the comparison say of the three texts?",
    right="c",
    wrong={
        "a": "`errors='coerce'` is there to avoid the exception: what cannot be read becomes a missing value.",
        "b": "Text is not compared here: 'abc' is a missing value by then, and no comparison with it is True.",
        "d": "The rows stay: `to_numeric` returns as many values as it gets.",
    },
    points=0.5,
    hints=[
        "What stands in place of 'abc' after `to_numeric`?",
        "A missing value; and a missing value is not below 0.",
        "`pd.to_numeric(pd.Series(['abc', '-1', '7']), errors='coerce')`, then `< 0` on each of ...",
    ],
)
dropped_rows = question(
    RECAP,
    "3",
    "Which users does `users.dropna()` remove?",
    right="a",
    wrong={
        "b": "`dropna` does not know which columns are needed: without `subset=` it looks at all of them.",
        "c": "By default one missing value is enough; `how='all'` would ask for a whole row of them.",
        "d": "`axis='columns'` would do that. By default rows are removed.",
    },
    points=0.5,
    hints=[
        "How would `dropna` know that an email is optional?",
        "It does not: without `subset=`, every column counts.",
        "`users.dropna(subset=[...])` is what would look at some columns only",
    ],
)
copies_left = question(
    RECAP,
    "4",
    "How many of the two rows are left after `drop_duplicates()`?",
    right="d",
    wrong={
        "a": "`keep=False` would remove all copies; the default keeps the first.",
        "b": "Without `subset=`, whole rows are compared, and these differ in `ingested_at`.",
        "c": "Nothing is merged: rows are kept or removed as they are.",
    },
    points=0.5,
    hints=[
        "Which columns does `drop_duplicates()` compare?",
        "All of them. Is there one in which the two rows differ?",
        "The rows differ in ..., so both of them are ...",
    ],
)
