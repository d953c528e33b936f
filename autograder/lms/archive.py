"""Read folders and zips that others made: nothing is unpacked, no link is followed, and everything has a bound."""

from __future__ import annotations

import contextlib
import io
import os
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from autograder.grading.repair import MAX_BYTES


class Unplaced(Exception):
    """A file that cannot be taken up; the message says why, and where it helps, what to do."""


@dataclass(frozen=True)
class Bounds:
    """What an archive may hold: files, and bytes of all of them together."""

    files: int
    bytes: int


CLASS = Bounds(files=20_000, bytes=8_000_000_000)
"""Of what an instructor names: a whole class's hand-ins."""

ONE = Bounds(files=500, bytes=100_000_000)
"""Of a zip that one learner handed in."""


@dataclass(frozen=True)
class Entry:
    """A file: its path below the source, how to read it, and when it was changed (for the order only, never a proof).

    `problem` says why it is not read at all.
    """

    path: PurePosixPath
    load: Callable[[], bytes]
    changed: int = 0
    problem: str = ""

    @property
    def suffix(self) -> str:
        return self.path.suffix.lower()


def entries(source: Path) -> Iterator[Entry]:
    """The files of a folder or a zip, by path. Raises `Unplaced` where the source is neither."""
    if source.is_dir():
        yield from _below(source)
    elif source.is_file() and zipfile.is_zipfile(source):
        yield from _members(str(source), lambda: source, CLASS)
    else:
        raise Unplaced(f"{source} is neither a folder nor a zip.")


def inside(entry: Entry) -> list[Entry]:
    """The files of a zip that one learner handed in. Raises `Unplaced` where it cannot be read or is too large."""
    return list(_members(str(entry.path), lambda: io.BytesIO(entry.load()), ONE))


def _hidden(path: PurePosixPath) -> bool:
    return any(part.startswith(".") or part == "__MACOSX" for part in path.parts)


def _below(folder: Path) -> Iterator[Entry]:
    for root, folders, files in os.walk(folder):
        folders.sort()
        for name in sorted(folders):
            if (Path(root) / name).is_symlink() and not name.startswith("."):
                inner = PurePosixPath((Path(root) / name).relative_to(folder).as_posix())
                yield _refused(inner, "It is a link to a folder. Links are not followed.")
        for name in sorted(files):
            path = Path(root) / name
            inner = PurePosixPath(path.relative_to(folder).as_posix())
            if not _hidden(inner):
                yield Entry(inner, _reader(path), path.lstat().st_mtime_ns)


def _refused(path: PurePosixPath, reason: str) -> Entry:
    def load() -> bytes:
        raise Unplaced(reason)

    return Entry(path, load, problem=reason)


def _reader(path: Path) -> Callable[[], bytes]:
    limit = _limit(path.suffix)

    def load() -> bytes:
        try:
            if path.is_symlink():
                raise Unplaced("It is a link. Links are not followed.")
            flags = (
                os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
            )
            with os.fdopen(os.open(path, flags), "rb") as file:
                status = os.fstat(file.fileno())
                if not stat.S_ISREG(status.st_mode):
                    raise Unplaced("It is not a file.")
                if status.st_nlink > 1:
                    raise Unplaced("It is a hard link to another file. Put a copy in its place.")
                return _bounded(file.read(limit + 1), limit)
        except OSError as e:
            raise Unplaced(f"It cannot be read: {e.strerror}.") from e

    return load


def _limit(suffix: str) -> int:
    return ONE.bytes if suffix.lower() == ".zip" else MAX_BYTES


def _bounded(data: bytes, limit: int) -> bytes:
    if len(data) > limit:
        raise Unplaced(f"It has more than {limit / 1e6:.0f} MB, which is the most that is read.")
    return data


def _members(name: str, file: Callable[[], Path | io.BytesIO], bounds: Bounds) -> Iterator[Entry]:
    """What an archive's directory lists. Each member is read for itself, when it is asked for."""
    with _explained(name), zipfile.ZipFile(_small_directory(file(), bounds)) as archive:
        members = [info for info in archive.infolist() if not info.is_dir()]
    if len(members) > bounds.files:
        raise Unplaced(f"The archive lists {len(members):,} files; at most {bounds.files:,} are read.")
    # zipfile gives no more bytes of a member than the directory lists, so this bounds what comes out.
    total = sum(info.file_size for info in members)
    if total > bounds.bytes:
        raise Unplaced(f"The archive unpacks to {total / 1e6:,.0f} MB; at most {bounds.bytes / 1e6:,.0f} MB are read.")
    for info in sorted(members, key=lambda info: info.filename):
        path = PurePosixPath(info.filename)
        if info.filename.startswith("/") or ".." in path.parts or "\\" in info.filename or ":" in path.parts[0][1:2]:
            yield _refused(path, "Its name leads out of the archive.")
        elif stat.S_ISLNK(info.external_attr >> 16):
            yield _refused(path, "It is a link. Links are not followed.")
        elif not _hidden(path):
            yield Entry(path, _member(name, file, info), int("".join(f"{part:02d}" for part in info.date_time)))


def _member(name: str, file: Callable[[], Path | io.BytesIO], info: zipfile.ZipInfo) -> Callable[[], bytes]:
    limit = _limit(PurePosixPath(info.filename).suffix)

    def load() -> bytes:
        with _explained(name), zipfile.ZipFile(file()) as archive, archive.open(info) as member:
            return _bounded(member.read(limit + 1), limit)

    return load


def _small_directory(file: Path | io.BytesIO, bounds: Bounds) -> Path | io.BytesIO:
    """Refuse a learner's zip whose directory alone would fill the memory, before it is parsed."""
    if isinstance(file, io.BytesIO):
        end = file.getvalue()[-66_000:]
        at = end.rfind(b"PK\x05\x06")
        size = int.from_bytes(end[at + 12 : at + 16], "little") if at >= 0 else 0
        if size > bounds.files * 1_000:
            raise Unplaced(f"The archive lists more than {bounds.files:,} files.")
    return file


@contextlib.contextmanager
def _explained(name: str) -> Iterator[None]:
    """Say of an archive that cannot be read what is wrong with it."""
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError, ValueError, OSError) as e:
        # RuntimeError is how zipfile says that a password is needed.
        raise Unplaced(f"The zip {name} cannot be read ({e}). Make it again without a password.") from e
