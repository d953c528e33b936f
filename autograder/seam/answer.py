"""The learner's function as a check sees it: a callable that may live in another process."""

from __future__ import annotations

import shutil
import tempfile
import traceback
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, Protocol

import pandas as pd

from autograder.seam.interrupt import Interrupted, call_watching
from autograder.seam.tables import UnreadableTables, read_tables
from autograder.seam.wire import Unreadable, decode, encode

Kind = Literal["raised", "not attempted", "out of time", "died", "unreadable"]


class AnswerError(Exception):
    """The learner's function gave nothing that can be checked.

    `kind` says how it ended; `detail` is one line for the learner, such as the exception and the line that raised it.
    """

    def __init__(self, kind: Kind, detail: str = "") -> None:
        super().__init__(f"{kind}: {detail}")
        self.kind, self.detail = kind, detail


class Answer(Protocol):
    """What a check may do with the learner's function. Arguments and results are copies made by `seam.wire`."""

    name: str
    stained: bool
    """Whether an earlier call may have left something behind that the next one meets."""
    alone: bool
    """Whether every call is to start as in a new process. In a notebook it has no effect."""

    def restart(self) -> None:
        """Let the next call start as in a new process, with nothing left of earlier ones but what is in files.

        In a notebook, where the function lives in the learner's own process, this does nothing.
        """

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The function's result. Raises `AnswerError` where there is none."""

    def scratch(self) -> Path:
        """A new empty folder that the function may write to and the check may read."""

    def tables(self, folder: Path) -> dict[str, pd.DataFrame]:
        """The Parquet files below a folder that the function has written to, by path. See `seam.tables`."""

    def moments(self, *args: Any, **kwargs: Any) -> int:
        """Call the function and count the moments at which files in its `Path` arguments had changed."""

    def interrupted(self, moment: int, *args: Any, **kwargs: Any) -> bool:
        """Call the function and stop it at that moment, as a crash would; False if it ended before."""


class LocalAnswer:
    """The learner's function in this process, as it is in a notebook."""

    def __init__(self, function: Callable[..., Any], name: str = "") -> None:
        self.function = function
        self.name = name or getattr(function, "__name__", "your function")
        self._scratch = Path(tempfile.mkdtemp(prefix="check-"))
        weakref.finalize(self, shutil.rmtree, self._scratch, ignore_errors=True)
        self._folders = 0
        self.stained = self.alone = False  # or rather: nothing can be done about it

    def restart(self) -> None:
        return

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        args, kwargs = decode(encode((args, kwargs)))
        return returned(lambda: decode(encode(call(self.function, args, kwargs))))

    def scratch(self) -> Path:
        self._folders += 1
        folder = self._scratch / str(self._folders)
        folder.mkdir()
        return folder

    def tables(self, folder: Path) -> dict[str, pd.DataFrame]:
        try:
            return read_tables(folder)
        except UnreadableTables as e:
            raise AnswerError("unreadable", str(e)) from None

    def moments(self, *args: Any, **kwargs: Any) -> int:
        args, kwargs = decode(encode((args, kwargs)))
        count: int = returned(lambda: call(call_watching, (self.function, args, kwargs, None, _stop), {}))
        return count

    def interrupted(self, moment: int, *args: Any, **kwargs: Any) -> bool:
        args, kwargs = decode(encode((args, kwargs)))
        try:
            returned(lambda: call(call_watching, (self.function, args, kwargs, moment, _stop), {}))
        except Interrupted:
            return True
        return False


def _stop() -> None:
    raise Interrupted


def call(function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """The function's result; whatever it raises becomes an `AnswerError` that names the exception and the line."""
    try:
        return function(*args, **kwargs)
    except NotImplementedError:
        raise AnswerError("not attempted") from None
    except MemoryError:
        raise AnswerError("raised", "MemoryError: it asked for more memory than there is") from None
    except RecursionError as e:
        raise AnswerError("raised", f"RecursionError: {str(e)[:200]}") from None
    except (Exception, SystemExit) as e:  # noqa: BLE001  a learner's function may raise anything
        raise AnswerError("raised", describe(e)) from None


def returned(compute: Callable[[], Any]) -> Any:
    """The computed result; one that cannot pass the seam becomes an `AnswerError`."""
    try:
        return compute()
    except Unreadable as e:
        raise AnswerError("unreadable", str(e)) from None


def describe(error: BaseException) -> str:
    """One line: the exception, its message, and the last line of the notebook that it passed through."""
    try:
        text = f"{type(error).__name__}: {str(error)[:300]}".strip().rstrip(":")
    except Exception:  # noqa: BLE001  a learner's __str__ may do anything
        return type(error).__name__
    frames = [f for f in traceback.extract_tb(error.__traceback__) if _in_notebook(f.filename) and f.line]
    return f"{text} (in the line `{frames[-1].line}`)" if frames else text


def _in_notebook(filename: str) -> bool:
    return "ipykernel" in filename or "ipython" in filename or filename.startswith("<")
