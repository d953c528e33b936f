"""A function can be stopped at every moment at which its files have changed, and leaves no trace of being watched."""

from __future__ import annotations

import contextlib
import functools
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder.seam import AnswerError, LocalAnswer
from autograder.seam.interrupt import Interrupted, call_watching


def put(path: Path, text: str = "x") -> None:
    path.write_text(text, encoding="utf-8")


def put_in(folder: Path, name: str) -> None:
    put(folder / name)


def one_line(lake: Path) -> None:
    put(lake / "a"), put(lake / "b")


def comprehension(lake: Path) -> None:
    [put(lake / name) for name in "ab"]


def generator(lake: Path) -> None:
    all(put(lake / name) is None for name in "ab")


def mapped(lake: Path) -> None:
    list(map(functools.partial(put_in, lake), "ab"))


def library_calls_on_one_line(lake: Path) -> None:
    (lake / "a").touch(), (lake / "b").touch()


def library_iterator(lake: Path) -> None:
    for _ in map(Path.touch, [lake / "a", lake / "b"]):
        pass


def helper(lake: Path) -> None:
    def inner(name: str) -> None:
        put(lake / name)

    inner("a")
    inner("b")


def by_keyword(batch: str, *, lake: Path) -> None:
    put(lake / "a", batch)
    put(lake / "b", batch)


class Loader:
    def __call__(self, lake: Path) -> None:
        one_line(lake)

    def load(self, lake: Path) -> None:
        one_line(lake)


def decorated(function: Callable[[Path], None]) -> Callable[[Path], None]:
    @functools.wraps(function)
    def wrapper(lake: Path) -> None:
        function(lake)

    return wrapper


WAYS: list[Callable[[Path], None]] = [
    one_line,
    comprehension,
    generator,
    mapped,
    library_calls_on_one_line,
    library_iterator,
    helper,
    functools.partial(by_keyword, "x"),
    Loader(),
    Loader().load,
    decorated(one_line),
    functools.lru_cache(one_line),
    lambda lake: (put(lake / "a"), put(lake / "b"))[0],
]


def ending(lake: Path) -> set[str]:
    return {path.name for path in lake.rglob("*")}


def called(way: Any, moment: int | None, lake: Path) -> int:
    """The number of moments, or -1 if the call was stopped."""

    def stop() -> None:
        raise Interrupted

    arguments: Any = ((), {"lake": lake}) if isinstance(way, functools.partial) else ((lake,), {})
    try:
        return call_watching(way, *arguments, moment, stop)
    except Interrupted:
        return -1


@pytest.mark.parametrize("way", WAYS, ids=lambda way: getattr(way, "__name__", type(way).__name__))
def test_two_writes_are_two_moments_however_they_are_written(way: Any, tmp_path: Path) -> None:
    lakes = [tmp_path / str(n) for n in range(4)]
    for lake in lakes:
        lake.mkdir()
    assert called(way, None, lakes[0]) == 2
    assert ending(lakes[0]) == {"a", "b"}
    assert called(way, 0, lakes[1]) == -1
    assert ending(lakes[1]) == {"a"}  # stopped after the first write and before the second
    assert called(way, 1, lakes[2]) == -1
    assert ending(lakes[2]) == {"a", "b"}
    assert called(way, 2, lakes[3]) == 2  # there is no third moment: it ended before


def test_every_kind_of_change_is_a_moment(tmp_path: Path) -> None:
    def load(lake: Path) -> None:
        (lake / "day").mkdir()
        with (lake / "day" / "tmp").open("w") as file:  # the file is there, and empty
            file.write("rows")  # still in memory
        (lake / "day" / "tmp").replace(lake / "day" / "part")
        (lake / "day" / "part").write_text("more rows")
        (lake / "day" / "part").unlink()
        (lake / "day").rmdir()

    assert called(load, None, tmp_path) == 7


def test_reading_and_computing_is_no_moment(tmp_path: Path) -> None:
    put(tmp_path / "a", "old")

    def load(lake: Path) -> None:
        texts = [path.read_text() for path in lake.iterdir()]
        put(lake / "a", "".join(texts) + "new")

    assert called(load, None, tmp_path) == 1


def test_other_folders_are_not_watched(tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    lake.mkdir()

    def load(lake: Path) -> None:
        put(lake.parent / "elsewhere")

    assert called(load, None, lake) == 0


def test_a_loader_can_neither_clean_up_nor_carry_on_after_a_crash(tmp_path: Path) -> None:
    def tidy(lake: Path) -> None:
        try:
            put(lake / "tmp")
            put(lake / "part")
        finally:
            (lake / "tmp").unlink()

    def swallow(lake: Path) -> None:
        with contextlib.suppress(BaseException):
            put(lake / "tmp")
            put(lake / "unreached")
        put(lake / "part")

    def raises_while_cleaning(lake: Path) -> None:
        try:
            put(lake / "tmp")
            put(lake / "unreached")
        finally:
            raise ValueError("while cleaning up")

    def rolls_back(lake: Path) -> None:
        (lake / "day" / "old").unlink()
        try:
            put(lake / "tmp")
        except BaseException:
            put(lake / "day" / "old")
            raise

    for number, (load, left) in enumerate(
        [(tidy, {"tmp"}), (swallow, {"tmp"}), (raises_while_cleaning, {"tmp"}), (rolls_back, set())]
    ):
        lake = tmp_path / str(number)
        (lake / "day").mkdir(parents=True)
        put(lake / "day" / "old")
        assert called(load, 0, lake) == -1, load
        assert ending(lake) - {"day", "old"} == left, load
        assert (lake / "day" / "old").exists() == (load is not rolls_back), load


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_what_was_still_in_memory_is_lost_in_a_crash(tmp_path: Path) -> None:
    def buffered(lake: Path) -> None:
        file = (lake / "tmp").open("w")
        file.write("in memory only")
        put(lake / "part")
        file.close()

    assert called(buffered, 0, tmp_path) == -1
    assert (tmp_path / "tmp").read_text() == ""


def test_a_temporary_folder_of_the_loader_is_left_behind_by_a_crash(tmp_path: Path) -> None:
    def load(lake: Path) -> None:
        with tempfile.TemporaryDirectory(dir=lake) as folder:
            put(Path(folder) / "part")
            (Path(folder) / "part").replace(lake / "part")

    assert called(load, 1, tmp_path) == -1
    assert [path.name for path in tmp_path.rglob("part")] == ["part"]
    assert not (tmp_path / "part").exists()


@pytest.mark.parametrize("moment", [None, 0, 5])
def test_no_trace_function_is_left_behind(moment: int | None, tmp_path: Path) -> None:
    def mine(frame: Any, event: str, arg: Any) -> None:
        return None

    def load(lake: Path) -> None:
        one_line(lake)
        raise ValueError

    before = sys.gettrace()
    for trace in (None, mine):
        for path in tmp_path.iterdir():
            path.unlink()
        sys.settrace(trace)
        try:
            with contextlib.suppress(ValueError):
                called(load, moment, tmp_path)
            assert sys.gettrace() is trace
        finally:
            sys.settrace(before)


def test_a_suspended_generator_stays_untraced_afterwards(tmp_path: Path) -> None:
    kept: list[Iterator[None]] = []

    def writes(lake: Path) -> Iterator[None]:
        put(lake / "a")
        yield
        put(lake / "b")
        yield

    def load(lake: Path) -> None:
        kept.append(writes(lake))
        next(kept[0])

    assert called(load, None, tmp_path) == 1
    next(kept[0])
    assert ending(tmp_path) == {"a", "b"}
    assert sys.gettrace() is None or "coverage" in repr(sys.gettrace())


def test_functions_of_a_notebook_are_watched(tmp_path: Path) -> None:
    notebook: dict[str, Any] = {"__name__": "__main__"}
    exec(
        "def part(path):\n    path.write_text('x')\ndef load(lake):\n    part(lake / 'a'); part(lake / 'b')\n",
        notebook,
    )
    assert called(notebook["load"], None, tmp_path) == 2


def test_an_answer_counts_moments_and_stops_at_each() -> None:
    def load(rows: list[str], lake: Path) -> None:
        for name in rows:
            put(lake / name)

    answer = LocalAnswer(load)
    assert answer.moments(["a", "b", "c"], answer.scratch()) == 3
    for moment in range(3):
        lake = answer.scratch()
        assert answer.interrupted(moment, ["a", "b", "c"], lake)
        assert ending(lake) == set("abc"[: moment + 1])
    assert not answer.interrupted(3, ["a", "b", "c"], answer.scratch())


def test_what_the_function_itself_raises_is_the_learners() -> None:
    def load(lake: Path) -> None:
        put(lake / "a")
        raise ValueError("no such day")

    answer = LocalAnswer(load)
    for ask in (answer.moments, functools.partial(answer.interrupted, 5)):
        with pytest.raises(AnswerError, match="ValueError: no such day") as error:
            ask(answer.scratch())
        assert error.value.kind == "raised"
