"""From names on a command line to texts: files, folders, standard input, and what is no text."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from chainrule.errors import FileMissing, Place, UnreadableDocument
from chainrule.notation.formats import SUFFIXES

STANDARD_INPUT = "-"
_RIGHTS = "check who may read it"


@dataclass(frozen=True)
class Gathered:
    """The documents that names stand for.

    names  files, each once, in the order given; those of a folder sorted
    notes  a sentence for each folder that says what was taken from it and what was not
    many   whether a program should expect a list: several names, or a folder
    """

    names: tuple[str, ...]
    notes: tuple[str, ...]
    many: bool


def gather(names: Sequence[str]) -> Gathered:
    """The documents among files and folders; a folder gives the files with a known suffix.

    raises  FileMissing, where a folder has no document
    """
    found: dict[str, str] = {}
    notes = []
    for name in names:
        inside = [name]
        if name != STANDARD_INPUT and os.path.isdir(name):
            inside, note = _folder(name)
            notes.append(note)
        for one in inside:
            found.setdefault(os.path.realpath(one) if one != STANDARD_INPUT else one, one)
    return Gathered(tuple(found.values()), tuple(notes), len(names) > 1 or bool(notes))


def _folder(name: str) -> tuple[list[str], str]:
    """The documents in a folder and the folders in it, and a sentence about the rest."""
    taken, others, hidden = [], Counter(), 0
    try:
        inside = list(_walk(Path(name)))
    except OSError as reason:
        raise FileMissing(
            f"the folder {reason.filename} cannot be read: {reason.strerror}", remedy=_RIGHTS
        ) from reason
    for path in inside:
        if path.name.startswith("."):
            hidden += 1
        elif path.suffix.lower() in SUFFIXES:
            taken.append(path)
        else:
            others[path.suffix.lower() or "no suffix"] += 1
    if not taken:
        raise FileMissing(
            f"there is no document in the folder {name}",
            remedy=f"documents end in {', '.join(SUFFIXES)}",
        )
    left = [f"{number} {suffix}" for suffix, number in sorted(others.items())]
    left += [f"{hidden} hidden"] if hidden else []
    plural = "" if len(taken) == 1 else "s"
    note = f"{name}: {len(taken)} document{plural}"
    return list(map(str, taken)), f"{note}; left out: {', '.join(left)}" if left else note


def _walk(folder: Path) -> Iterator[Path]:
    """The files of a folder and of the folders in it, sorted; a hidden folder is given as one."""
    inside = sorted(folder.iterdir(), key=lambda path: (path.is_dir(), path.name))
    for path in inside:
        if path.is_dir() and not path.is_symlink() and not path.name.startswith("."):
            yield from _walk(path)
        else:
            yield path


def content(name: str) -> str:
    """The text of a file, or of standard input for `-`; lines end in a line feed.

    raises  FileMissing, UnreadableDocument
    """
    if name == STANDARD_INPUT:
        data, name = _standard_input(), "standard input"
    else:
        data = _bytes(name)
    text = _decoded(data, name).replace("\r\n", "\n").replace("\r", "\n")
    if not text.lstrip("\ufeff").strip():
        raise UnreadableDocument(f"{name} is empty", remedy="save the document, then try again")
    # A byte order mark is no part of the text, but offsets count it.
    return " " + text[1:] if text[0] == "\ufeff" else text


def _standard_input() -> bytes:
    stream = getattr(sys.stdin, "buffer", None)
    return sys.stdin.read().encode() if stream is None else stream.read()


def _bytes(name: str) -> bytes:
    path = Path(name)
    if os.path.isdir(name):
        raise FileMissing(f"{path} is a folder", remedy="name a document in it")
    if not os.path.exists(name):
        raise FileMissing(f"there is no file {path}", remedy="check the spelling and the folder")
    try:
        return path.read_bytes()
    except OSError as reason:
        raise FileMissing(f"{path} cannot be read: {reason.strerror}", remedy=_RIGHTS) from reason


#: How files begin that are no text, what they are, and what to give instead.
_BINARY = (
    (b"%PDF", "a PDF file", "give its source, a .tex or .md file"),
    (b"PK\x03\x04", "a ZIP archive, as .docx and .odt files are", "export it as Markdown or LaTeX"),
    (b"\xd0\xcf\x11\xe0", "an old Word document", "export it as Markdown or LaTeX"),
    (b"\x89PNG", "a picture", "write its equations in Markdown"),
    (b"\xff\xd8\xff", "a picture", "write its equations in Markdown"),
    (b"\x1f\x8b", "a compressed file", "unpack it"),
)


def _decoded(data: bytes, name: str) -> str:
    for start, kind, remedy in _BINARY:
        if data.startswith(start):
            raise UnreadableDocument(f"{name} is {kind}, not text", remedy=remedy)
    for start, encoding in ((b"\xff\xfe", "UTF-16"), (b"\xfe\xff", "UTF-16")):
        if data.startswith(start):
            raise UnreadableDocument(f"{name} is {encoding}, not UTF-8", remedy=_recode(encoding))
    if b"\x00" in data:
        zeros = data.count(b"\x00")
        if 3 * zeros >= len(data):
            raise UnreadableDocument(
                f"{name} seems to be UTF-16, not UTF-8", remedy=_recode("UTF-16")
            )
        raise UnreadableDocument(
            f"{name} is not text: byte {data.index(0) + 1} is zero",
            remedy="give a Markdown, LaTeX or notebook file",
        )
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as reason:
        raise _not_utf8(data, name, reason.start) from reason


def _recode(encoding: str) -> str:
    return f"save it as UTF-8, or: iconv -f {encoding} -t UTF-8 OLD > NEW"


def _not_utf8(data: bytes, name: str, position: int) -> UnreadableDocument:
    """The message for a byte that UTF-8 does not know, with the line as Latin-1 would have it."""
    before = data[:position].decode("utf-8")
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    shown = (before[len(before) - column + 1 :] + data[position:].decode("latin-1")).split("\n")[0]
    letter = bytes(data[position : position + 1]).decode("cp1252", errors="replace")
    seen = f"byte 0x{data[position]:02X}"
    if letter.isprintable() and letter != "\ufffd":
        seen += f", which is {letter} in Latin-1"
    place = Place(name, line, column, shown.rstrip() if shown.isprintable() else "", seen)
    return UnreadableDocument(f"{name} is not UTF-8", places=[place], remedy=_recode("ISO-8859-1"))
