"""What the checks of lesson 02 share: tables with known faults, and what an answer must make of their rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from autograder import expect
from autograder.checking import Incorrect
from autograder.seam import Answer
from autograder.worlds import Worlds

TIMES = ("timestamp", "ingested_at")
NUMBERS = ("user_id", "amount", "price", "stock_count")
COLUMNS = {
    "events": (
        "event_id",
        "user_id",
        "event_type",
        "product_id",
        "product_category",
        "amount",
        "timestamp",
        "ingested_at",
    ),
    "products": ("product_id", "name", "category", "price", "stock_count"),
}
IDENTITY = {"events": "event_id", "products": "name"}
RULES = {
    "events": frozenset(
        {
            "user_id_missing",
            "user_unknown",
            "amount_missing",
            "amount_not_a_number",
            "amount_negative",
            "arrived_too_early",
        }
    ),
    "products": frozenset(
        {
            "product_id_missing",
            "product_id_repeated",
            "category_unknown",
            "price_missing",
            "price_not_a_number",
            "price_not_positive",
            "stock_negative",
        }
    ),
}
# The rule that each planted fault breaks; a fault that is not here breaks none.
RULE_OF_FAULT = {
    "events.missing_user_id": "user_id_missing",
    "events.unknown_user": "user_unknown",
    "events.amount_missing": "amount_missing",
    "events.amount_text": "amount_not_a_number",
    "events.amount_negative": "amount_negative",
    "events.future_timestamp": "arrived_too_early",
    "products.missing_product_id": "product_id_missing",
    "products.price_missing": "price_missing",
    "products.price_text": "price_not_a_number",
    "products.price_negative": "price_not_positive",
    "products.stock_negative": "stock_negative",
}


# --- what is received, and what is true of it ----------------------------------------------------------------


@dataclass
class Day:
    """One table as received, and for each of its rows the rules that it breaks."""

    table: str
    rows: pd.DataFrame
    broken: list[set[str]]
    known_users: list[int]

    def free(self, count: int) -> list[int]:
        """The first rows that break no rule and are no copies."""
        once = ~self.rows[IDENTITY[self.table]].duplicated(keep=False)
        return [row for row, rules in enumerate(self.broken) if not rules and once[row]][:count]

    def bad(self) -> list[int]:
        """The rows that break a rule."""
        return [row for row, rules in enumerate(self.broken) if rules]

    def again(self, row: int) -> None:
        """Receive the row once more."""
        self.rows = pd.concat([self.rows, self.rows.loc[[row]]], ignore_index=True)
        self.broken.append(set(self.broken[row]))

    def put(self, column: str, values: Mapping[int, Any], rule: str = "") -> None:
        """Write the values into the column, row by row; they break the rule, if one is named."""
        cells = self.rows[column].astype(object)
        for row, value in values.items():
            cells[row] = value
            if rule:
                self.broken[row].add(rule)
        dtype = self.rows[column].dtype
        mixed = column in NUMBERS and any(isinstance(value, (str, bool)) for value in values.values())
        if column in NUMBERS and None in values.values():
            dtype = pd.Series([0.5]).dtype
        self.rows[column] = cells if mixed else cells.astype(dtype)

    def ask(self, answer: Answer) -> Any:
        """What the answer returns for these rows."""
        return answer(self.rows, self.known_users) if self.table == "events" else answer(self.rows)


def day_of(worlds: Worlds, table: str, name: str, **faults: int) -> Day:
    """A small table with so many rows of each fault, given by its short name."""
    world = worlds.make(
        f"validation {table} {name}",
        users=30,
        events=60,
        products=24,
        faults={f"{table}.{fault}": count for fault, count in faults.items()},
    )
    rows = (world.events if table == "events" else world.products).copy()
    broken: list[set[str]] = [set() for _ in range(len(rows))]
    for row, fault in zip(world.truth["row"], world.truth["fault"], strict=True):
        if fault in RULE_OF_FAULT:
            broken[row].add(RULE_OF_FAULT[fault])
    return Day(table, rows, broken, world.users["user_id"].tolist())


# --- cells in a form in which equal values are equal -----------------------------------------------------------


def cell_of(column: str, value: Any) -> Hashable:
    """A cell of a known column, so that a converted value equals the one received: 5 and 5.0, "a " and "A"."""
    cell = expect.plain(value)
    if isinstance(cell, str):
        try:
            if column in TIMES:
                return expect.plain(pd.Timestamp(cell))
            if column in NUMBERS:
                return float(cell)
        except (ValueError, OverflowError):
            pass
        return cell.strip().casefold()
    return str(cell).casefold() if isinstance(cell, bool) else cell


def cells_of(frame: pd.DataFrame, columns: Sequence[str]) -> list[tuple[Hashable, ...]]:
    """The rows of the columns as tuples of comparable cells."""
    by_column = [[cell_of(name, value) for value in frame[name].astype(object)] for name in columns]
    return list(zip(*by_column, strict=True))


def keys_of(frame: pd.DataFrame, key: str) -> list[Hashable]:
    return [cell_of(key, value) for value in frame[key].astype(object)]


def joined(items: Iterable[str]) -> str:
    """Names in alphabetical order, as they stand in a reasons column."""
    return ";".join(sorted(items))


# --- what came back ---------------------------------------------------------------------------------------------


def two_tables(day: Day, value: Any) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The answer's valid and quarantined rows, with the columns that checks need."""
    valid, quarantined = expect.parts(value, ("valid", "quarantined"))
    key = IDENTITY[day.table]
    return (
        expect.frame(valid, "the valid rows", columns=[key]),
        expect.frame(quarantined, "the quarantined rows", columns=[key, "reasons"]),
    )


@dataclass
class Sorted:
    """Where each received row went, by its identity."""

    valid: Counter[Hashable]
    quarantined: Counter[Hashable]
    reasons: dict[Hashable, set[str]]
    quarantine: pd.DataFrame


def sorted_rows(day: Day, answer: Answer) -> Sorted:
    valid, quarantined = two_tables(day, day.ask(answer))
    key = IDENTITY[day.table]
    keys = keys_of(quarantined, key)
    reasons: dict[Hashable, set[str]] = {}
    for name, cell in zip(keys, quarantined["reasons"].astype(object), strict=True):
        reasons.setdefault(name, set()).update(expect.names_in(cell))
    return Sorted(Counter(keys_of(valid, key)), Counter(keys), reasons, quarantined)


def evidence(day: Day, rows: Sequence[int], columns: Sequence[str], **more: Sequence[str]) -> pd.DataFrame:
    """Received rows as evidence, with further columns beside them."""
    names = [IDENTITY[day.table], *(name for name in columns if name != IDENTITY[day.table])]
    return day.rows.loc[list(rows), names].assign(**{name.replace("_", " "): list(v) for name, v in more.items()})


def expect_rules(
    day: Day, answer: Answer, scope: Iterable[str], columns: Sequence[str], *, never: Iterable[str] = ()
) -> Sorted:
    """The rows that break a rule in `scope`, and no others, are in quarantine for it.

    Such a row must not carry a rule in `never`, or a name that is no rule, as well. Nothing else is looked at, so
    that a mistake in one rule does not fail the checks of the others.
    """
    found = sorted_rows(day, answer)
    scope = frozenset(scope)
    others = RULES[day.table] - scope - frozenset(never)
    keys = keys_of(day.rows, IDENTITY[day.table])
    wanted = [frozenset(rules & scope) for rules in day.broken]
    names = [frozenset(found.reasons.get(key, ())) for key in keys]
    given = [name - others if want else name & scope for name, want in zip(names, wanted, strict=True)]

    if bad := [row for row, key in enumerate(keys) if wanted[row] and found.valid[key]]:
        raise Incorrect(
            f"{how_many(bad, 'row')} that {verb(bad)} a rule {are(bad)} among the valid ones.",
            expected=f"in quarantine, with {joined(frozenset().union(*(wanted[row] for row in bad)))}",
            got=f"valid: {named(day, bad)}",
            evidence={
                "These belong in quarantine": evidence(day, bad, columns, reasons=[joined(wanted[r]) for r in bad])
            },
        )
    copies = Counter(keys)
    if bad := [row for row, key in enumerate(keys) if wanted[row] and found.quarantined[key] < copies[key]]:
        raise Incorrect(
            f"{how_many(bad, 'row')} that {verb(bad)} a rule {are(bad)} neither valid nor quarantined.",
            expected=f"in quarantine, with {joined(frozenset().union(*(wanted[row] for row in bad)))}",
            got=f"in neither table: {named(day, bad)}",
            evidence={
                "These belong in quarantine": evidence(day, bad, columns, reasons=[joined(wanted[r]) for r in bad])
            },
        )
    if bad := [row for row in range(len(keys)) if given[row] - wanted[row] and not wanted[row]]:
        raise Incorrect(
            f"{how_many(bad, 'row')} {are(bad)} in quarantine for a rule that {they(bad)} not broken.",
            expected="no such reason for these rows",
            got=f"{joined(frozenset().union(*(given[row] for row in bad)))} for {named(day, bad)}",
            evidence={
                "These do not break that rule": evidence(day, bad, columns, came_back=[joined(given[r]) for r in bad])
            },
        )
    if bad := [row for row in range(len(keys)) if given[row] != wanted[row]]:
        raise Incorrect(
            f"{how_many(bad, 'row')} {are(bad)} in quarantine without the right reason.",
            expected=joined(frozenset().union(*(wanted[row] for row in bad))),
            got=joined(frozenset().union(*(given[row] for row in bad))) or "none of the rules that this check is about",
            evidence={
                "Quarantined rows": evidence(
                    day,
                    bad,
                    columns,
                    expected=[joined(wanted[r]) for r in bad],
                    came_back=[joined(names[r]) for r in bad],
                )
            },
        )
    return found


def expect_as_sent(day: Day, found: Sorted, column: str) -> None:
    """The quarantine still shows in this column what was received."""
    key = IDENTITY[day.table]
    expect.frame(found.quarantine, "the quarantined rows", columns=[column])
    received = {cells[0]: cells[1] for cells in cells_of(day.rows, [key, column])}
    back = {cells[0]: cells[1] for cells in cells_of(found.quarantine, [key, column])}
    if bad := [
        row for row, name in enumerate(keys_of(day.rows, key)) if back.get(name, received[name]) != received[name]
    ]:
        shown = dict(zip(keys_of(found.quarantine, key), found.quarantine[column].astype(object), strict=True))
        names = keys_of(day.rows, key)
        raise Incorrect(
            f"{how_many(bad, 'quarantined row')} no longer {verb(bad, 'shows', 'show')} the {column} that was sent.",
            expected="quarantined rows as received, so that someone can see what is wrong with them",
            got=f"another {column} for {named(day, bad)}",
            evidence={
                "As received, and as returned": evidence(day, bad, [column]).assign(
                    came_back=pd.Series([shown[names[row]] for row in bad], index=bad, dtype=object)
                )
            },
        )


def expect_good_rows(day: Day, answer: Answer, columns: Sequence[str]) -> None:
    """Every row that breaks no rule is valid, and the answer does put bad rows into quarantine."""
    found = sorted_rows(day, answer)
    keys = keys_of(day.rows, IDENTITY[day.table])
    good = [row for row, rules in enumerate(day.broken) if not rules]
    if bad := [row for row in good if found.quarantined[keys[row]]]:
        given = [joined(found.reasons[keys[row]]) for row in bad]
        raise Incorrect(
            f"{how_many(bad, 'row')} that {verb(bad)} no rule {are(bad)} in quarantine.",
            expected="valid: only the listed rules may keep a row out",
            got=f"in quarantine: {named(day, bad)}",
            evidence={"These rows are good": evidence(day, bad, columns, came_back=given)},
        )
    if bad := [row for row in good if not found.valid[keys[row]]]:
        raise Incorrect(
            f"{how_many(bad, 'row')} that {verb(bad)} no rule {are(bad)} not among the valid ones.",
            expected=f"{len(good)} valid rows",
            got=f"missing: {named(day, bad)}",
            evidence={"These rows are good": evidence(day, bad, columns)},
        )
    expect_some_quarantined(day, found.quarantined)


def expect_some_quarantined(day: Day, quarantined: Counter[Hashable]) -> None:
    """Not everything is taken as valid; whether each bad row is found is the matter of other checks."""
    bad = day.bad()
    keys = keys_of(day.rows, IDENTITY[day.table])
    if bad and not any(quarantined[keys[row]] for row in bad):
        raise Incorrect(
            "Nothing that breaks a rule was put in quarantine.",
            expected=f"{len(bad)} of these {len(day.rows)} rows in quarantine",
            got="none of them",
            evidence={"For example": evidence(day, bad, (), reasons=[joined(day.broken[row]) for row in bad])},
        )


def expect_every_row(day: Day, answer: Answer) -> None:
    """Every received row comes back as often as it was received, with the values that it had."""
    valid, quarantined = two_tables(day, day.ask(answer))
    key, columns = IDENTITY[day.table], COLUMNS[day.table]
    received = Counter(keys_of(day.rows, key))
    back = Counter(keys_of(valid, key)) + Counter(keys_of(quarantined, key))
    keys = keys_of(day.rows, key)
    total = f"{len(valid)} valid + {len(quarantined)} quarantined = {len(valid) + len(quarantined)} rows"
    lost = [row for row in last_copies(keys) if back[keys[row]] < received[keys[row]]]
    if lost:
        raise Incorrect(
            f"{how_many(lost, 'row')} went in and did not come out.",
            expected=f"{len(day.rows)} rows in, {len(day.rows)} rows out",
            got=total,
            evidence={"In neither table": evidence(day, lost, shown(day.table))},
        )
    twice = [row for row in last_copies(keys) if back[keys[row]] > received[keys[row]]]
    if twice:
        raise Incorrect(
            f"{how_many(twice, 'row')} came out more often than {they(twice, 'it', 'they')} went in.",
            expected=f"{len(day.rows)} rows in, {len(day.rows)} rows out; a row that breaks two rules is one row",
            got=total,
            evidence={"Came out too often": evidence(day, twice, shown(day.table))},
        )
    if len(valid) + len(quarantined) != len(day.rows):
        raise Incorrect(
            "Rows came out that never went in.",
            expected=f"{len(day.rows)} rows in, {len(day.rows)} rows out",
            got=total,
            evidence={"Not received": unknown_rows(valid, quarantined, key, received)},
        )
    expect.frame(valid, "the valid rows", columns=columns)
    expect.frame(quarantined, "the quarantined rows", columns=columns)
    both = pd.concat([valid[list(columns)].astype(object), quarantined[list(columns)].astype(object)])
    left = Counter(cells_of(day.rows, columns))
    changed = []
    for position, row in enumerate(cells_of(both, columns)):
        if left[row]:
            left[row] -= 1
        else:
            changed.append(position)
    if changed:
        names = {cell_of(key, name) for name in both[key].iloc[changed]}
        rows = [row for row in last_copies(keys) if keys[row] in names]
        raise Incorrect(
            f"{how_many(changed, 'row')} came out with other values than {they(changed, 'it', 'they')} went in.",
            expected="the received values: a quarantined row keeps what is wrong with it, so that it can be repaired",
            got=f"changed: {named(day, rows)}",
            evidence={
                "As received": evidence(day, rows, shown(day.table)),
                "As returned": both.iloc[changed][[key, *shown(day.table)]],
            },
        )
    expect_some_quarantined(day, Counter(keys_of(quarantined, key)))


def shown(table: str) -> tuple[str, ...]:
    """The columns that evidence shows where no rule in particular is meant."""
    return ("user_id", "amount", "timestamp") if table == "events" else ("product_id", "category", "price")


def last_copies(keys: Sequence[Hashable]) -> list[int]:
    """One row number for each key, so that copies are shown once."""
    return sorted({key: row for row, key in enumerate(keys)}.values())


def unknown_rows(
    valid: pd.DataFrame, quarantined: pd.DataFrame, key: str, received: Mapping[Hashable, int]
) -> pd.DataFrame:
    names = [name for part in (valid, quarantined) for name in part[key].astype(object)]
    return pd.DataFrame({key: [name for name in names if cell_of(key, name) not in received]}, dtype=object)


def expect_all_reasons(day: Day, answer: Answer, columns: Sequence[str]) -> None:
    """Rows that break several rules stand in quarantine once, with exactly those rules."""
    valid, quarantined = two_tables(day, day.ask(answer))
    key = IDENTITY[day.table]
    keys = keys_of(day.rows, key)
    several = [row for row, rules in enumerate(day.broken) if len(rules) > 1]
    times = Counter(keys_of(quarantined, key))
    in_valid = set(keys_of(valid, key))
    if bad := [row for row in several if times[keys[row]] > 1]:
        raise Incorrect(
            f"{how_many(bad, 'row')} {verb(bad, 'stands', 'stand')} in quarantine more than once.",
            expected="one quarantined row with all its reasons",
            got=f"{times[keys[bad[0]]]} rows for {named(day, bad[:1])}",
            evidence={
                "Should stand there once": evidence(day, bad, columns, reasons=[joined(day.broken[r]) for r in bad])
            },
        )
    given: dict[Hashable, set[str]] = {}
    for name, cell in zip(keys_of(quarantined, key), quarantined["reasons"].astype(object), strict=True):
        given[name] = set(expect.names_in(cell))
    # whether a missing id is told apart from an unknown or a repeated one is the matter of other checks
    for row in several:
        if day.broken[row] & {"user_id_missing", "product_id_missing"}:
            given.get(keys[row], set()).difference_update({"user_unknown", "product_id_repeated"})
    if bad := [row for row in several if keys[row] in in_valid or given.get(keys[row]) != day.broken[row]]:
        back = ["valid" if keys[row] in in_valid else joined(given.get(keys[row], ())) or "nothing" for row in bad]
        raise Incorrect(
            f"{how_many(bad, 'row')} that {verb(bad)} several rules {are(bad)} not in quarantine with just these.",
            expected=joined(day.broken[bad[0]]) + f" for {named(day, bad[:1])}",
            got=back[0],
            evidence={
                "Rows that break several rules": evidence(
                    day, bad, columns, expected=[joined(day.broken[r]) for r in bad], came_back=back
                )
            },
        )


def how_many(items: Sequence[Any], noun: str) -> str:
    return f"{len(items)} {noun}{'' if len(items) == 1 else 's'}"


def verb(items: Sequence[Any], one: str = "breaks", many: str = "break") -> str:
    return one if len(items) == 1 else many


def are(items: Sequence[Any]) -> str:
    return "is" if len(items) == 1 else "are"


def they(items: Sequence[Any], one: str = "it has", many: str = "they have") -> str:
    return one if len(items) == 1 else many


def named(day: Day, rows: Sequence[int]) -> str:
    names = [str(name) for name in day.rows[IDENTITY[day.table]].loc[list(rows[:3])]]
    return ", ".join(names) + (f" and {len(rows) - 3} more" if len(rows) > 3 else "")
