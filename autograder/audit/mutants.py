"""Change one thing at a time in a right answer: operators, bounds, columns, joins, sorts, fills."""

from __future__ import annotations

import ast
import copy
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.course import CourseError

EQUIVALENT = Path(__file__).parents[1] / "bank" / "equivalent.toml"

_COMPARE: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}
_OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Div,
    ast.Mod: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
_WORDS = {
    "first": ("last",),
    "last": ("first",),
    "left": ("inner", "outer"),
    "inner": ("left",),
    "outer": ("left", "inner"),
    "one_to_one": ("many_to_many",),
    "coerce": ("raise",),
}
_SWAPPED = {
    "min": "max",
    "max": "min",
    "idxmin": "idxmax",
    "idxmax": "idxmin",
    "any": "all",
    "all": "any",
    "isna": "notna",
    "notna": "isna",
    "head": "tail",
    "tail": "head",
    "first": "last",
    "last": "first",
    "floor": "ceil",
    "ceil": "floor",
    "cummin": "cummax",
    "cummax": "cummin",
    "add": "sub",
    "union": "intersection",
    "count": "size",
    "nunique": "count",
    "mean": "median",
    "append": "extend",
}
_DROPPED = frozenset(
    (
        *(
            "fillna",
            "dropna",
            "sort_values",
            "sort_index",
            "drop_duplicates",
            "strip",
            "lower",
            "upper",
            "abs",
            "round",
        ),
        *("clip", "copy", "astype", "normalize", "reindex", "unique", "rename", "assign", "drop", "tz_convert"),
    )
)
_ALSO_DROPPED = frozenset(("sorted", "round", "abs", "set", "int", "float", "str", "list"))
_KINDS = (
    frozenset(("timestamp", "ingested_at", "updated_at", "signup_date", "valid_from")),
    frozenset(("user_id", "event_id", "product_id", "order_id")),
    frozenset(("amount", "price", "age", "quantity")),
    frozenset(("event_type", "product_category", "category", "country", "name", "currency")),
)
"""Columns that one may be taken for another of."""


@dataclass(frozen=True)
class Mutant:
    """A right answer with one change: the line that was, what stands there now, and the whole code."""

    exercise: str
    number: int
    was: str
    now: str
    code: str


def mutants(exercise: str, code: str) -> list[Mutant]:
    """Every mutant of the code that compiles and is not the code again, in the order of its lines."""
    found: dict[str, Mutant] = {}
    tree = ast.parse(code)
    inside_texts = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in ast.walk(node)}
    documentation = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.Module))
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        # Before Python 3.12 what stands in an f-string has no place of its own.
        if id(node) in inside_texts or id(node) in documentation or not hasattr(node, "end_lineno"):
            continue
        for changed in _changes(node):
            mutated, line = _put(code, node, changed)
            if mutated in found or mutated == code or not _compiles(mutated):
                continue
            was, now = code.splitlines(), mutated.splitlines()
            found[mutated] = Mutant(exercise, line, was[line - 1].strip(), now[line - 1].strip(), mutated)
    return sorted(found.values(), key=lambda mutant: mutant.number)


def equivalent(path: Path = EQUIVALENT) -> dict[tuple[str, str], str]:
    """The mutants that a person has found to be right answers too: exercise and mutated line, to the reason.

    Raises `CourseError` where an entry lacks one of the three.
    """
    if not path.is_file():
        return {}
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8")).get("mutant", [])
        return {(entry["exercise"], entry["line"].strip()): entry["reason"] for entry in entries}
    except (KeyError, TypeError, AttributeError, tomllib.TOMLDecodeError) as e:
        raise CourseError(
            f"{path}: expected [[mutant]] with exercise, line and reason; {type(e).__name__}: {e}"
        ) from None


def _compiles(code: str) -> bool:
    try:
        compile(code, "<mutant>", "exec")
    except (SyntaxError, ValueError):
        return False
    return True


def _put(code: str, node: Any, changed: ast.AST) -> tuple[str, int]:
    """The code with the changed node where the node stood, and the number of the first line that differs."""
    lines = code.encode().splitlines(keepends=True)
    before = b"".join(lines[: node.lineno - 1]) + lines[node.lineno - 1][: node.col_offset]
    after = lines[node.end_lineno - 1][node.end_col_offset :] + b"".join(lines[node.end_lineno :])
    mutated = (before + ast.unparse(changed).encode() + after).decode()
    pairs = zip(code.splitlines(), mutated.splitlines(), strict=False)
    return mutated, next((n for n, (a, b) in enumerate(pairs, start=1) if a != b), node.lineno)


def _changes(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.Compare(ops=ops):
            for place, op in enumerate(ops):
                for other in _COMPARE[type(op)]:
                    changed = copy.deepcopy(node)
                    changed.ops[place] = other()
                    yield changed
        case ast.Constant(value=bool(value)):
            yield ast.Constant(not value)
        case ast.Constant(value=int(value)):
            yield from (ast.Constant(value + 1), ast.Constant(value - 1))
        case ast.Constant(value=float(value)):
            yield ast.Constant(value + 1)
        case ast.Constant(value=str(value)):
            yield from (ast.Constant(other) for other in (*_WORDS.get(value, ()), *_mistaken_for(value)))
            if value in _SWAPPED and value not in _WORDS:  # agg("max")
                yield ast.Constant(_SWAPPED[value])
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            yield ast.BinOp(left, _OPERATORS[type(op)](), right)
        case ast.AugAssign(target=target, op=op, value=value) if type(op) in _OPERATORS:
            yield from (ast.AugAssign(target, _OPERATORS[type(op)](), value), ast.Pass())
        case ast.BoolOp(op=op, values=values):
            yield ast.BoolOp(ast.Or() if isinstance(op, ast.And) else ast.And(), values)
            for left_out in range(len(values)):
                kept = [value for place, value in enumerate(values) if place != left_out]
                yield kept[0] if len(kept) == 1 else ast.BoolOp(op, kept)
        case ast.UnaryOp(op=ast.Not() | ast.Invert() | ast.USub(), operand=operand):
            yield operand
        case ast.Call():
            yield from _calls(node)
        case ast.Expr(value=ast.Call()):
            yield ast.Pass()
        case ast.Continue():
            yield ast.Break()
        case ast.IfExp(test=test, body=body, orelse=orelse):
            yield from (body, orelse, ast.IfExp(test, orelse, body))


def _calls(node: ast.Call) -> Iterator[ast.AST]:
    """The call by another name, without its effect, or without one of its keyword arguments."""
    match node.func:
        case ast.Attribute(value=receiver, attr=name):
            if name in _SWAPPED:
                yield ast.Call(ast.Attribute(receiver, _SWAPPED[name], ast.Load()), node.args, node.keywords)
            if name in _DROPPED:
                yield receiver
        case ast.Name(id=name):
            if name in _SWAPPED:
                yield ast.Call(ast.Name(_SWAPPED[name], ast.Load()), node.args, node.keywords)
            if name in _ALSO_DROPPED and len(node.args) == 1:
                yield node.args[0]
    for keyword in node.keywords:
        if keyword.arg in ("dropna", "how", "keep", "ascending", "key", "kind", "default", "utc", "fill_value", "axis"):
            yield ast.Call(node.func, node.args, [k for k in node.keywords if k is not keyword])


def _mistaken_for(column: str) -> Sequence[str]:
    kind = next((kind for kind in _KINDS if column in kind), frozenset())
    return sorted(kind - {column})[:2]
