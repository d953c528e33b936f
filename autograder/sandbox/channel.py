"""Messages over a socket: a JSON header and bytes, both of bounded size."""

from __future__ import annotations

import json
import select
import socket
import struct
import time
from dataclasses import dataclass, field
from typing import Any

_FRAME = struct.Struct("<IQ")
MAX_HEADER = 16 << 20
MAX_BLOB = 64 << 20


class ChannelClosed(Exception):
    """The other side has gone, or sent something that is not a message."""


class ChannelTimeout(Exception):
    """The other side did not answer in time."""


@dataclass
class Message:
    """A header of plain values and the bytes that belong to it."""

    header: dict[str, Any]
    blob: bytes = field(default=b"", repr=False)


def pack(header: dict[str, Any], blob: bytes = b"") -> bytes:
    """The message as bytes."""
    text = json.dumps(header, ensure_ascii=True).encode()
    return b"".join([_FRAME.pack(len(text), len(blob)), text, blob])


def unpack(data: bytes) -> Message:
    """The message in these bytes. Raises `ChannelClosed` where they are not exactly one message."""
    if len(data) < _FRAME.size:
        raise ChannelClosed("no message")
    length, size = _FRAME.unpack_from(data)
    if len(data) != _FRAME.size + length + size:
        raise ChannelClosed("half a message")
    return Message(_header(data[_FRAME.size : _FRAME.size + length]), data[_FRAME.size + length :])


def _header(text: bytes) -> dict[str, Any]:
    try:
        header = json.loads(text)
    except (ValueError, RecursionError):
        raise ChannelClosed("a header that is not JSON") from None
    if not isinstance(header, dict):
        raise ChannelClosed("a header that is not an object")
    return header


class Channel:
    """One end of a connection. `receive` waits at most `timeout` seconds."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection

    def send(self, header: dict[str, Any], blob: bytes = b"", timeout: float | None = None) -> None:
        """Send a message. Raises `ChannelClosed`, or `ChannelTimeout` where the other side does not read."""
        try:
            self._socket.settimeout(timeout)
            self._socket.sendall(pack(header, blob))
        except TimeoutError:
            raise ChannelTimeout from None
        except OSError as e:
            raise ChannelClosed(str(e)) from None

    def receive(self, timeout: float | None = None) -> Message:
        """The next message. Raises `ChannelClosed` or `ChannelTimeout`."""
        deadline = None if timeout is None else time.monotonic() + timeout
        length, size = _FRAME.unpack(self._read(_FRAME.size, deadline))
        if length > MAX_HEADER or size > MAX_BLOB:
            raise ChannelClosed(f"a message of {length + size:,} bytes")
        header = _header(self._read(length, deadline))
        return Message(header, self._read(size, deadline))

    def _read(self, size: int, deadline: float | None) -> bytes:
        data = bytearray()
        while len(data) < size:
            wait = None if deadline is None else max(0.0, deadline - time.monotonic())
            try:
                if not select.select([self._socket], [], [], wait)[0]:
                    raise ChannelTimeout
                part = self._socket.recv(min(size - len(data), 1 << 20))
            except (OSError, ValueError) as e:
                raise ChannelClosed(str(e)) from None
            if not part:
                raise ChannelClosed("the connection ended")
            data += part
        return bytes(data)

    def close(self) -> None:
        self._socket.close()

    def end(self) -> None:
        """Hang up, and wait until the other side has done so too."""
        try:
            self._socket.shutdown(socket.SHUT_WR)
            while self._socket.recv(1 << 16):
                continue
        except OSError:
            return
        finally:
            self._socket.close()
