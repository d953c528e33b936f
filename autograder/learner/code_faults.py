"""What in a cell's code would not run elsewhere: a question to the keyboard, a path of one computer, broken syntax.

Code is parsed, never run.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

from autograder.settings import STUB

_ROOTS = r"(?:home|Users|root|tmp|var|mnt|media|opt|srv|usr|etc|content|kaggle|workspaces?|Volumes|private)"
# At the start of a text, or after a quote inside it, as in SQL.
_ABSOLUTE = re.compile(
    rf"""(?:^|['"])(?:/{_ROOTS}(?:/|$)|file://|[A-Za-z]:[\\/](?![\\/])|~[\w.-]*[\\/])|^\\\\[A-Za-z][\w.-]+\\[\w$]"""
)
_FROM_ROOT = re.compile(r"^/[\w.-]")
_FORMATS = "csv|table|json|parquet|excel|feather|pickle|text|bytes|ndjson|ipc|orc|hdf"
_TAKES_A_PATH = re.compile(
    rf"(?:open|\w*Path|connect|chdir|listdir|scandir|i?glob|makedirs|mkdir|exists|isfile|savefig|loadtxt|genfromtxt"
    rf"|(?:read|write|to|scan)_(?:{_FORMATS}))$"
)
_PLACEHOLDER = ast.dump(ast.parse(STUB).body[0])
LONGEST = 300
"""Characters of a text that may still be a path."""


@dataclass(frozen=True)
class CodeFault:
    """`kind` is "syntax", "input" or "path"; `line` counts within the cell; `detail` quotes what stands there."""

    kind: str
    line: int
    detail: str


def code_faults(source: str) -> list[CodeFault]:
    """The faults in a code cell, in their order. Magics such as `%timeit` and `!ls` are no faults.

    >>> code_faults('input = 3; note = "never call input()"')
    []
    >>> code_faults('pd.read_csv("C:/data/x.csv")')
    [CodeFault(kind='path', line=1, detail="'C:/data/x.csv'")]
    """
    tree = parsed(source)
    if isinstance(tree, CodeFault):
        return [tree]
    found = [*_questions(tree), *_paths(tree)]
    return sorted(dict.fromkeys(found), key=lambda fault: fault.line)


def has_placeholder(source: str) -> bool:
    """Whether the line that is to be replaced still stands in the code, and not in a comment."""
    tree = parsed(source)
    return isinstance(tree, ast.Module) and any(
        isinstance(node, ast.Raise) and ast.dump(node) == _PLACEHOLDER for node in ast.walk(tree)
    )


def parsed(source: str) -> ast.Module | CodeFault:
    """The cell as Python sees it, or what is wrong with its syntax."""
    try:
        return _module(source)
    except _NOT_PYTHON as e:
        fault = _syntax_fault(e)
    if not re.search(r"^\s*[%!?]|[!%?]", source, re.MULTILINE):
        return fault
    # IPython takes a moment to import; most cells need none of it.
    from IPython.core.inputtransformer2 import TransformerManager

    try:
        return _module(TransformerManager().transform_cell(source))  # type: ignore[no-untyped-call]
    except _NOT_PYTHON:
        return fault


_NOT_PYTHON = (SyntaxError, ValueError, RecursionError, MemoryError)


def _module(source: str) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)  # a learner's "\d" is for Jupyter to warn of
        compile(source, "<cell>", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)  # finds a stray return
        return ast.parse(source)


def _syntax_fault(e: BaseException) -> CodeFault:
    if isinstance(e, SyntaxError):
        return CodeFault("syntax", e.lineno or 1, e.msg)
    return CodeFault("syntax", 1, "it is nested too deeply" if not isinstance(e, ValueError) else str(e))


def _questions(tree: ast.Module) -> Iterator[CodeFault]:
    names = (node for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store))
    own = {node.id for node in names} | {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    own |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            called = ast.unparse(node.func) if name == "input" else ""
            if called == "builtins.input" or (called == "input" and "input" not in own):
                yield CodeFault("input", node.lineno, "input()")


def _paths(tree: ast.Module) -> Iterator[CodeFault]:
    texts_alone = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}  # docstrings
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            first = node.args[0] if node.args else None
            if isinstance(first, ast.JoinedStr) and first.values:
                first = first.values[0]
            text = first.value if isinstance(first, ast.Constant) else None
            if isinstance(text, str) and _TAKES_A_PATH.match(name) and (_FROM_ROOT.match(text) or text == "~"):
                yield CodeFault("path", first.lineno, repr(text[:LONGEST]))  # type: ignore[union-attr]
            if name == "home" and ast.unparse(node.func).endswith("Path.home"):
                yield CodeFault("path", node.lineno, "Path.home()")
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in texts_alone:
            text = node.value
            if len(text) <= LONGEST and "\n" not in text and _ABSOLUTE.search(text):
                yield CodeFault("path", node.lineno, repr(text))
