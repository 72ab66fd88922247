"""Lines and rows of a text file, plain or gzip, one at a time."""

from __future__ import annotations

import csv
import gzip
import io
import itertools
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from data.files.report import FileError

Progress = Callable[[int, int], None]
"""Receives the bytes of the file consumed so far and its size (compressed bytes for gzip)."""

LONGEST_LINE = 1 << 20
"""Bytes; a longer line means a broken file, and would fill the memory."""

_GZIP_MAGIC = b"\x1f\x8b"
_BOM = b"\xef\xbb\xbf"
_BLOCK = 1 << 16


def raw_lines(path: Path, progress: Progress | None = None) -> Iterator[bytes]:
    """The file's lines as bytes, line ends included, byte order mark left out.

    Raises:
        FileError: when the file cannot be read, or holds a line without end.
    """
    for number, line in enumerate(_pieces(path, progress, _next_line), 1):
        if len(line) > LONGEST_LINE:
            expected = f"lines of at most {LONGEST_LINE} bytes"
            raise FileError(path, number, "", expected, "a longer one")
        yield line


def raw_blocks(path: Path, progress: Progress | None = None) -> Iterator[bytes]:
    """The file's bytes in blocks, byte order mark left out.

    Raises:
        FileError: when the file cannot be read.
    """
    return _pieces(path, progress, _next_block)


def _next_line(stream: io.BufferedIOBase) -> bytes:
    return stream.readline(LONGEST_LINE + 1)


def _next_block(stream: io.BufferedIOBase) -> bytes:
    return stream.read(_BLOCK)


def _pieces(
    path: Path, progress: Progress | None, take: Callable[[io.BufferedIOBase], bytes]
) -> Iterator[bytes]:
    said = lines = 0
    try:
        with path.open("rb") as file:
            size = path.stat().st_size
            stream: io.BufferedIOBase = file
            if file.peek(2)[:2] == _GZIP_MAGIC:
                stream = io.BufferedReader(gzip.GzipFile(fileobj=file), _BLOCK)
            piece = take(stream).removeprefix(_BOM)
            while piece:
                lines += piece.count(b"\n")
                yield piece
                if progress is not None:
                    done = file.tell()
                    if done - said >= _BLOCK:
                        said = done
                        progress(done, size)
                piece = take(stream)
            if progress is not None:
                progress(size, size)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        advice = "Copy or download the file again."
        expected = "a whole gzip file"
        raise FileError(path, lines + 1, "", expected, str(error), advice=advice) from error
    except OSError as error:
        advice = "Check the path and the permissions."
        got = error.strerror or str(error)
        raise FileError(path, 0, "", "a readable file", got, advice=advice) from error


class Table:
    """A CSV file as a header and numbered rows.

    The header is read when the table is made; `rows` goes on from there, once.
    """

    def __init__(
        self,
        path: Path,
        progress: Progress | None = None,
        *,
        delimiters: Sequence[str] = (",",),
    ) -> None:
        self.path = path
        self.header: list[str] = []
        self.delimiter = delimiters[0]
        self._read = 0
        self._lines = self._decoded(raw_lines(path, progress), delimiters)
        self._rows = self._parsed()
        first = next(self._rows, None)
        if first is None:
            raise FileError(path, 1, "", "a line with the names of the columns", "an empty file")
        self.header = first[1]

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """The line where each row starts, and its fields; empty lines are left out.

        Raises:
            FileError: naming line and column, when a row is no CSV, no UTF-8 or has more or
                fewer fields than the header.
        """
        width = len(self.header)
        for line, row in self._rows:
            if len(row) != width:
                raise self._wrong_width(line, row)
            yield line, row

    def fault(self, line: int, index: int, expected: str, got: str) -> FileError:
        """The error for the field at `index` (0 for the first column)."""
        return FileError(self.path, line, self.header[index], expected, got, number=index + 1)

    def _wrong_width(self, line: int, row: list[str]) -> FileError:
        width = len(self.header)
        index = min(len(row), width)
        name = self.header[index] if index < width else "one too many"
        got = f"{len(row)} fields"
        return FileError(self.path, line, name, f"{width} fields", got, number=index + 1)

    def _decoded(self, lines: Iterator[bytes], delimiters: Sequence[str]) -> Iterator[str]:
        for line in lines:
            self._read += 1
            try:
                text = line.decode("utf-8")
            except UnicodeDecodeError as error:
                raise self._not_utf8(line, error) from error
            if self._read == 1:
                self.delimiter = max(delimiters, key=text.count)
            yield text

    def _not_utf8(self, line: bytes, error: UnicodeDecodeError) -> FileError:
        before = line[: error.start].decode("utf-8")
        number = len(next(csv.reader([before or " "], delimiter=self.delimiter)))
        name = self.header[number - 1] if number <= len(self.header) else ""
        got = f"byte 0x{line[error.start]:02X}"
        advice = "Save the file as UTF-8 and import it again."
        where = (self.path, self._read, name)
        return FileError(*where, "UTF-8 text", got, number=number, advice=advice)

    def _parsed(self) -> Iterator[tuple[int, list[str]]]:
        first = next(self._lines, None)
        if first is None:
            return
        lines = itertools.chain((first,), self._lines)
        reader = csv.reader(lines, delimiter=self.delimiter, strict=True)
        start = 1
        try:
            for row in reader:
                if row:
                    yield start, row
                start = reader.line_num + 1
        except csv.Error as error:
            expected = "a CSV row with every quote closed"
            raise FileError(self.path, start, "", expected, str(error)) from error
