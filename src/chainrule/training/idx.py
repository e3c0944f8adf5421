"""IDX files, the format in which MNIST and its kin are published, as they come or gzipped.

A file is two zero bytes, a byte for the type of the numbers, a byte for how many axes there are,
the length of each axis in four bytes, and the numbers, all big-endian (LeCun, The MNIST Database).
"""

from __future__ import annotations

import gzip
import math
import re
import shutil
import tempfile
import zlib
from pathlib import Path
from typing import IO

import numpy as np

from chainrule.errors import FileMissing, UnreadableData

TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
_GZIP = b"\x1f\x8b"
_KINDS = {"images": re.compile(r"images"), "labels": re.compile(r"labels")}
_PARTS = {"train": re.compile(r"train"), "test": re.compile(r"t10k|test")}

Part = tuple[np.ndarray, np.ndarray]


def is_idx(path: Path) -> bool:
    """Whether a file is called as IDX files are, such as `train-images-idx3-ubyte.gz`."""
    return bool(re.search(r"[-.]idx\d?([-.]|$)", path.name))


def read_idx(path: Path, memory: int | None = None) -> np.ndarray:
    """The array in an IDX file, gzipped or not. Errors: FileMissing, UnreadableData.

    memory  a file of more bytes is mapped: read as it is needed; a gzipped one is unpacked first
    """
    file, content = _content(path, memory)
    head = bytes(content[:1028])
    kind, axes = head[2:4] if len(head) > 3 else (0, 0)
    if head[:2] != b"\0\0" or kind not in TYPES:
        raise UnreadableData(
            f"{path} is no IDX file: it begins with {head[:4].hex(' ') or 'nothing'}",
            remedy="give a file as published, such as train-images-idx3-ubyte.gz",
        )
    start = 4 + 4 * axes
    shape = tuple(np.frombuffer(head[4:start], ">u4").tolist())
    dtype = np.dtype(TYPES[kind])
    stated, there = math.prod(shape) * dtype.itemsize, len(content) - start
    if len(shape) != axes or stated != there:
        sizes = " × ".join(map(str, shape))
        raise UnreadableData(
            f"{path} should hold {sizes} numbers, {stated} bytes, and holds {max(there, 0)} bytes",
            remedy="fetch the file again: it is cut off or spoiled",
        )
    if file is not None:
        return np.memmap(file, dtype, "r", start, shape)
    return np.frombuffer(content, dtype, offset=start).reshape(shape)


def read_folder(folder: Path, memory: int | None = None) -> tuple[Part, Part | None]:
    """Images and labels to train on, and those to judge by where the folder has a test part.

    memory  as `read_idx` has it
    raises  FileMissing where images or labels are not there, UnreadableData
    """
    files = [path for path in sorted(folder.iterdir()) if is_idx(path)]
    parts = {name: _part(files, pattern, folder, memory) for name, pattern in _PARTS.items()}
    train, test = parts["train"], parts["test"]
    if train is None:
        raise FileMissing(
            f"{folder} has no images and labels to train on",
            remedy="it needs train-images-idx3-ubyte and train-labels-idx1-ubyte, gzipped or not",
        )
    return train, test


def read_pair(path: Path, memory: int | None = None) -> Part:
    """The images of a file, and the labels of the file beside it whose name differs in that."""
    name = path.name.replace("images", "labels").replace("idx3", "idx1")
    return read_idx(path, memory), read_idx(path.with_name(name))


def _part(files: list[Path], part: re.Pattern, folder: Path, memory: int | None) -> Part | None:
    found = {}
    for kind, pattern in _KINDS.items():
        named = [path for path in files if part.search(path.name) and pattern.search(path.name)]
        if len(named) > 1:
            raise UnreadableData(
                f"{folder} has {' and '.join(path.name for path in named)}",
                remedy="leave one of them there",
            )
        if named:
            found[kind] = read_idx(named[0], memory)
    return (found["images"], found["labels"]) if len(found) == 2 else None


def _content(path: Path, memory: int | None) -> tuple[IO[bytes] | None, bytes | np.ndarray]:
    """The bytes of a file, unpacked; what is more than so many is mapped from the file returned."""
    most = math.inf if memory is None else memory
    try:
        with path.open("rb") as plain:
            packed = plain.read(2) == _GZIP
        with gzip.open(path) if packed else path.open("rb") as source:
            start = source.read() if most == math.inf else source.read(memory + 1)
            if len(start) <= most:
                return None, start
            file = tempfile.TemporaryFile() if packed else path.open("rb")
            if packed:
                file.write(start)
                shutil.copyfileobj(source, file)
                file.flush()
            return file, np.memmap(file, np.uint8, "r")
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise UnreadableData(
            f"{path} cannot be unpacked: {error}", remedy="fetch the file again"
        ) from None
    except OSError as error:
        raise FileMissing(
            f"{path} cannot be read: {error.strerror or error}",
            remedy="give the path of a readable file",
        ) from None
