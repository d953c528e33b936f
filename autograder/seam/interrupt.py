"""Stop a function between two of its writes, as a crash would, at every moment where that can matter."""

from __future__ import annotations

import contextlib
import dis
import functools
import gc
import inspect
import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

Snapshot = dict[str, tuple[int, int, int]]
Contents = dict[Path, bytes | None]  # a file's bytes, None for a folder


class Interrupted(BaseException):
    """The function was stopped on purpose. Not an `Exception`: a loader must not be able to carry on after it."""


def snapshot(folders: Iterable[Path]) -> Snapshot:
    """Every file and folder below the folders: path to (size, time of change in ns, inode)."""
    found: Snapshot = {}
    pending = [os.fspath(folder) for folder in folders]
    while pending:
        try:
            entries = list(os.scandir(pending.pop()))
        except OSError:  # gone, or not a folder
            continue
        for entry in entries:
            try:
                is_folder, status = entry.is_dir(follow_symlinks=False), entry.stat(follow_symlinks=False)
            except OSError:
                continue
            found[entry.path] = (
                (0, 0, status.st_ino) if is_folder else (status.st_size, status.st_mtime_ns, status.st_ino)
            )
            if is_folder:
                pending.append(entry.path)
    return found


def call_watching(
    function: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    moment: int | None,
    stop: Callable[[], None],
) -> int:
    """Call the function and count the moments at which the files in its folders had changed.

    The folders are the `Path` arguments. A moment is seen between two bytecode instructions of the function's
    own module, so a library call that writes several files is one moment. At moment number `moment` (from 0)
    `stop` is called, which must not return; with None the function runs to its end. Returns the number of moments.

    `stop` ends the process or raises `Interrupted`. Where it raises, the files are left as they were at the moment,
    whatever the function's own `finally`, `with` or `except` still did on the way out: a crash runs none of them.
    """
    folders = [a for a in (*args, *kwargs.values()) if isinstance(a, Path)]
    own = _globals_of(function)
    seen, last = 0, snapshot(folders)
    stopped = False
    held: Contents = {}

    def watch(frame: FrameType, event: str, arg: object) -> Any:
        nonlocal seen, last, stopped, held
        if frame.f_globals is not own:
            return None
        frame.f_trace_opcodes = True
        if event == "line" or (event == "opcode" and frame.f_lasti not in _calls(frame.f_code)):
            return watch
        if (now := snapshot(folders)) != last:
            last, seen = now, seen + 1
            if moment is not None and seen > moment:
                sys.settrace(None)
                stopped, held = True, _contents(now)
                stop()
        return watch

    before = sys.gettrace()
    # Python 3.12 asks for opcodes only where some frame wanted them when tracing began.
    sys._getframe().f_trace_opcodes = True
    sys.settrace(watch)
    try:
        function(*args, **kwargs)
    except BaseException:
        if not stopped:
            raise
    finally:
        sys.settrace(before)
    if stopped:
        gc.collect(1)  # closes what is still open in the frames that were left
        _restore(folders, held)
        raise Interrupted
    return seen


# Instructions that call something, and so may write. The folders are looked at before each of them and where a
# function begins, ends or raises: what one of them wrote is never taken together with what the next one writes.
_CALLS = ("CALL", "FOR_ITER", "SEND", "BEFORE_", "WITH_", "STORE_ATTR", "STORE_SUBSCR", "STORE_SLICE", "DELETE_")


@functools.lru_cache(maxsize=512)
def _calls(code: CodeType) -> frozenset[int]:
    """The offsets of the code's instructions that may write a file."""
    return frozenset(i.offset for i in dis.get_instructions(code) if i.opname.startswith(_CALLS))


def _contents(now: Snapshot) -> Contents:
    found: Contents = {}
    for path in map(Path, now):
        with contextlib.suppress(OSError):  # another may hold it, or it is a link to nowhere
            found[path] = None if path.is_dir() else path.read_bytes()
    return found


def _restore(folders: list[Path], contents: Contents) -> None:
    # deepest first: a folder is empty when its turn comes
    for path in sorted(map(Path, snapshot(folders)), reverse=True):
        if path not in contents:
            with contextlib.suppress(OSError):
                path.rmdir() if path.is_dir() else path.unlink()
    for path, held in sorted(contents.items()):
        with contextlib.suppress(OSError):
            if held is None:
                path.mkdir(exist_ok=True)
            elif not path.exists() or path.read_bytes() != held:
                path.write_bytes(held)


def _globals_of(function: Any) -> dict[str, Any]:
    """The globals of the module that the function was written in."""
    while hasattr(function, "func"):  # functools.partial
        function = function.func
    function = inspect.unwrap(function)
    function = getattr(function, "__func__", function)
    if not hasattr(function, "__globals__"):  # an object with __call__
        function = type(function).__call__
    found: dict[str, Any] = getattr(function, "__globals__", vars(sys.modules["__main__"]))
    return found
