"""Weights in a file, in the safetensors format, which other programs read too."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load as arrays_of
from safetensors.numpy import save as bytes_of

from chainrule.errors import BadOption, FileMissing, NotFinite, OtherNetwork, UnreadableData

# Arrays that stand beside the parameters in a file, for how the features were prepared.
PREPARATION = "standardise."


@dataclass(frozen=True, eq=False)
class Saved:
    """What a file holds: parameters, the arrays called `standardise.…`, and text about them."""

    parameters: dict[str, np.ndarray]
    preparation: dict[str, np.ndarray]
    metadata: dict[str, str]


def save(
    path: str | Path, parameters: Mapping[str, np.ndarray], metadata: Mapping[str, str]
) -> None:
    """Write arrays and text about them; the same input gives the same bytes.

    The file is complete or is not there: it is written beside its place and then moved. Errors:
    BadOption where it cannot be written.
    """
    path = Path(path)
    check_writable(path)
    # The library copies memory as it lies, so an array in another order would be garbled.
    arrays = {name: np.asarray(parameters[name], order="C") for name in sorted(parameters)}
    content = _with_metadata(bytes_of(arrays), metadata)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.write_bytes(content)
        os.replace(part, path)
    except OSError as error:
        raise _unwritable(path, error.strerror) from None
    finally:
        part.unlink(missing_ok=True)


def check_writable(path: str | Path) -> None:
    """BadOption if a file cannot be written there: asked before training, not after it."""
    path = Path(path)
    folder = path.parent
    if not folder.is_dir():
        raise _unwritable(path, f"there is no folder {folder}")
    if path.is_dir():
        raise _unwritable(path, "it is a folder")
    if not os.access(folder, os.W_OK):
        raise _unwritable(path, f"{folder} is read-only")


def load(path: str | Path, shapes: Mapping[str, tuple[int, ...]]) -> Saved:
    """What `save` wrote; the parameters must be those of `shapes`.

    Errors: FileMissing, UnreadableData, OtherNetwork, NotFinite.
    """
    saved = read(path)
    check_shapes(saved.parameters, shapes, str(path))
    return saved


def read(path: str | Path) -> Saved:
    """What `save` wrote. Errors: FileMissing, UnreadableData, NotFinite."""
    path = Path(path)
    try:
        content = path.read_bytes()
        # The library's arrays are read-only views.
        arrays = {name: array.copy() for name, array in arrays_of(content).items()}
    except OSError as error:
        raise FileMissing(
            f"{path} cannot be read: {error.strerror}", remedy="give a file written by --save"
        ) from None
    except (SafetensorError, KeyError) as error:
        raise UnreadableData(
            f"{path} is no weight file: {error}", remedy="give a file written by --save"
        ) from None
    preparation = {n: array for n, array in arrays.items() if n.startswith(PREPARATION)}
    parameters = {n: array for n, array in arrays.items() if n not in preparation}
    _check_numbers(path, arrays)
    return Saved(parameters, preparation, _header(content)[0].get("__metadata__", {}))


def check_shapes(
    arrays: Mapping[str, np.ndarray], shapes: Mapping[str, tuple[int, ...]], origin: str
) -> None:
    """OtherNetwork unless the arrays have exactly these names and shapes."""
    found = {name: array.shape for name, array in arrays.items()}
    expected = {name: tuple(shape) for name, shape in shapes.items()}
    if found != expected:
        raise OtherNetwork(
            f"{origin} has {_listing(found)}; the network has {_listing(expected)}",
            remedy="take the weights of this network, with the sizes that it was trained with",
        )


def _listing(shapes: Mapping[str, tuple[int, ...]]) -> str:
    """Names with their shapes, as W_1 64 × 10."""
    texts = (f"{name} {' × '.join(map(str, shapes[name]))}".rstrip() for name in sorted(shapes))
    return ", ".join(texts) or "no parameters"


def _check_numbers(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    for name, array in arrays.items():
        if array.dtype.kind != "f":
            raise UnreadableData(
                f"{name} in {path} is of type {array.dtype}", remedy="give a file with real numbers"
            )
        if not np.isfinite(array).all():
            raise NotFinite(f"{name} in {path} is not finite", remedy="train the network again")


def _unwritable(path: Path, reason: str | None) -> BadOption:
    return BadOption(
        f"{path} cannot be written: {reason}", remedy="give a path in a folder that you can write"
    )


def _header(content: bytes) -> tuple[dict, bytes]:
    """The JSON header of a safetensors file, and the numbers after it.

    The format: the length of the header in 8 bytes, little endian; the header; the numbers.
    """
    end = 8 + int.from_bytes(content[:8], "little")
    return json.loads(content[8:end]), content[end:]


def _with_metadata(content: bytes, metadata: Mapping[str, str]) -> bytes:
    """The file with metadata in order: the library would write them in an order left to chance."""
    header, numbers = _header(content)
    in_order = {"__metadata__": {name: metadata[name] for name in sorted(metadata)}, **header}
    text = json.dumps(in_order, ensure_ascii=False, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text + numbers
