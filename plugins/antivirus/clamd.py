"""The protocol of clamd, as far as it is needed: one file is streamed, one verdict comes back.

https://docs.clamav.net/manual/Usage/Scanning.html describes it. Nothing is written to a disk.
"""

from __future__ import annotations

import socket
import struct
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic
from typing import IO, Final

_CHUNK: Final = 1 << 16
#: A verdict is one short line.
_LONGEST_ANSWER: Final = 4096


class ScannerError(Exception):
    """The scanner gave no verdict; the message says why, for the operator."""


class TooLarge(ScannerError):
    """The file has more bytes than the scanner is set to take."""


@dataclass(frozen=True, slots=True)
class Scanner:
    """A clamd that answers at an address: the path of a Unix socket, or ``host:port``."""

    address: str
    seconds: float

    def scan(self, source: IO[bytes]) -> str:
        """Return the name of the virus in a file, or '' when there is none.

        :raises TooLarge: the file is larger than clamd's ``StreamMaxLength``.
        :raises ScannerError: it does not answer, not in time, or not with a verdict.
        """
        line = _Line(self.address, monotonic() + self.seconds)
        try:
            with line.open() as connection:
                answer = line.converse(connection, source)
        except TimeoutError as error:
            raise ScannerError(f"no answer within {self.seconds:g} seconds") from error
        except (OSError, ValueError) as error:
            raise ScannerError(str(error) or type(error).__name__) from error
        return _verdict(answer)


@dataclass(frozen=True, slots=True)
class _Line:
    """One connection, which ends at an instant however slowly the other side goes on."""

    address: str
    until: float

    def open(self) -> socket.socket:
        if self.address.startswith("/"):
            connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            try:
                connection.settimeout(self._left())
                connection.connect(self.address)
            except BaseException:
                connection.close()
                raise
            return connection
        host, colon, port = self.address.rpartition(":")
        if not (colon and host and port.isdecimal()):
            raise ValueError(f"{self.address} is neither the path of a socket nor host:port")
        return socket.create_connection((host.strip("[]"), int(port)), timeout=self._left())

    def converse(self, connection: socket.socket, source: IO[bytes]) -> str:
        try:
            self._send(connection, b"zINSTREAM\0")
            while chunk := source.read(_CHUNK):
                self._send(connection, struct.pack(">I", len(chunk)) + chunk)
            self._send(connection, struct.pack(">I", 0))
        except (BrokenPipeError, ConnectionResetError) as error:
            # It hangs up on what is too large; what it said before can still be read.
            with suppress(OSError):
                if answer := self._receive(connection):
                    return answer
            raise ConnectionError("it hung up before it had the whole file") from error
        return self._receive(connection)

    def _send(self, connection: socket.socket, data: bytes) -> None:
        connection.settimeout(self._left())
        connection.sendall(data)

    def _receive(self, connection: socket.socket) -> str:
        answer = b""
        while b"\0" not in answer and len(answer) < _LONGEST_ANSWER:
            connection.settimeout(self._left())
            part = connection.recv(_LONGEST_ANSWER)
            if not part:
                break
            answer += part
        return answer.partition(b"\0")[0].decode("utf-8", "replace").strip()

    def _left(self) -> float:
        left = self.until - monotonic()
        if left <= 0:
            raise TimeoutError
        return left


def _verdict(answer: str) -> str:
    """Return the virus an answer names; '' for a clean file."""
    if answer == "stream: OK":
        return ""
    if answer.startswith("stream: ") and answer.endswith(" FOUND"):
        return answer.removeprefix("stream: ").removesuffix(" FOUND")
    if "size limit exceeded" in answer:
        raise TooLarge(answer)
    raise ScannerError(
        f"it answered {answer[:200]!r}" if answer else "it hung up without a verdict"
    )
