"""A document's network for given data: its sizes settled, its open numbers chosen."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from chainrule.errors import BadOption, SizeMismatch, UnknownSize
from chainrule.language.expr import Array
from chainrule.language.index import Size
from chainrule.language.program import Program
from chainrule.language.sizes import is_unknown
from chainrule.notation.reading import Reading
from chainrule.training.data import Dataset
from chainrule.training.examples import NUMBER
from chainrule.training.network import Network
from chainrule.training.roles import Roles, find_roles
from chainrule.training.shapes import example_axes, window_sizes


def network_for(
    reading: Reading,
    dataset: Dataset,
    given: Mapping[str, int],
    *,
    l2: float | None = None,
    dtype: str = "float32",
    weighted: bool = False,
) -> Network:
    """The network that a document defines, with its sizes from the data and from the user.

    given   size name, or name of a symbol, → integer
    l2      weight of the penalty; None: the document's own, if its risk has one
    raises  NoLoss, NotTrainable, UnknownSize, SizeMismatch, BadOption
    """
    roles = find_roles(reading)
    assumed = list(roles.assumed)
    classes = dataset.classes is not None
    known: dict[str, int] = {}
    axes = example_axes(dataset.example_shape, roles.features.sizes)
    _fix_axes(known, roles.features, axes, dataset)
    _check_target(known, roles.target, dataset)
    sizes = _all_sizes(reading, roles, known, dict(given), assumed)
    constants, penalty = _numbers(reading, roles, l2, assumed)
    if NUMBER in constants:
        constants[NUMBER] = len(dataset.features)
    return Network(
        roles,
        sizes,
        constants,
        penalty,
        dtype,
        classes,
        tuple(assumed),
        weighted=weighted,
        example=dataset.example_shape,
        soft=dataset.soft,
    )


def _fix_axes(known: dict, array: Array, axes: tuple[int, ...], dataset: Dataset) -> None:
    """The sizes of the features, one vector or picture."""
    if len(axes) != len(array.sizes):
        shape, count = " × ".join(map(str, dataset.example_shape)), len(array.sizes)
        raise SizeMismatch(
            f"{array.name} has {count} axes, and an example of {dataset.name} is {shape}",
            remedy=f"state the shape of {array.name} in the document, as in ℝ^{{8 × 8}}",
        )
    for size, length in zip(array.sizes, axes, strict=True):
        _fix(known, size, length, array.name, dataset)


def _check_target(known: dict[str, int], target: Array, dataset: Dataset) -> None:
    """The size of a target, k classes or columns; a number is one column, or tells two classes."""
    outputs = len(dataset.classes) if dataset.classes is not None else _columns(dataset.target)
    if target.sizes:
        _fix(known, target.sizes[0], outputs, target.name, dataset)
    elif outputs != (1 if dataset.classes is None else 2):
        what = "columns" if dataset.classes is None else "classes"
        raise SizeMismatch(
            f"{target.name} is a number in the document, but {dataset.name} has {outputs} {what}",
            remedy="use data with one column, or two classes, or make it a vector in the document",
        )


def _columns(target: np.ndarray) -> int:
    return 1 if target.ndim == 1 else target.shape[1]


def _fix(known: dict[str, int], size: Size, value: int, what: str, dataset: Dataset) -> None:
    """A size that the data decide; a document that says otherwise is an error."""
    stated = size if isinstance(size, int) else known.get(size, value)
    if stated != value:
        told = f"{size} = {stated}" if isinstance(size, str) else f"{stated}"
        raise SizeMismatch(
            f"{what} has size {told} in the document, but {dataset.name} has {value}",
            remedy="use data of that size, or change the shape in the document",
        )
    if isinstance(size, str):
        known[size] = value


def _all_sizes(reading: Reading, roles: Roles, known, given: dict[str, int], assumed) -> dict:
    wanted = {s for a in roles.parameters for s in a.sizes if isinstance(s, str)}
    symbols = {d.name: d.array.sizes for d in roles.program.definitions}
    symbols |= {a.name: a.sizes for a in roles.parameters}
    settled = dict(known)
    known |= window_sizes(roles.program, known)
    for name, value in sorted(given.items()):
        size = size_meant(name, reading, symbols, wanted - set(known), assumed, value)
        if size in known and known[size] != value:
            raise SizeMismatch(
                f"{name} = {value} was given, but the data say {known[size]}",
                remedy=f"leave {name} out",
            )
        known[size] = value
    known |= window_sizes(roles.program, known)
    if missing := sorted(wanted - set(known)):
        of = [name for name, sizes in symbols.items() if missing[0] in sizes]
        raise UnknownSize(
            f"the size {_shown(missing[0])}of {', '.join(of)} is neither given nor in the data",
            remedy=f"--size {_option(missing[0], symbols)}=64",
        )
    assumed += _shapes(roles.program, settled, known)
    return known


def _shapes(program: Program, settled: Mapping[str, int], known: Mapping[str, int]) -> list[str]:
    """What the sizes that follow from filters make of the shapes of values."""
    windows = window_sizes(program, settled)
    return [
        f"{definition.name} is {' × '.join(str(known.get(s, s)) for s in definition.array.sizes)}"
        for definition in program.definitions
        if windows.keys() & set(definition.array.sizes)
    ]


def size_meant(name, reading: Reading, symbols, missing: set[str], assumed, value: int) -> str:
    """The size that the user's word means: a name of the document, a symbol's, or the only one."""
    size = reading.scope.sizes.find(name)
    if size in missing or name in reading.scope.size_names:
        return size
    spelled = [n for n in symbols if name in (n, n.replace("\\", ""), n.replace("_", ""))]
    free = [s for n in spelled for s in symbols[n] if s in missing]
    if len(set(free)) == 1:
        return free[0]
    if len(missing) == 1:
        (only,) = missing
        of = [n for n, sizes in symbols.items() if only in sizes]
        assumed.append(f"{name} = {value} is the one size left open, of {', '.join(of)}")
        return only
    if not missing:
        raise BadOption(
            f"{name} is no size of the document, of which none is left open",
            remedy=f"leave {name} out",
        )
    sizes = dict.fromkeys(_shown(s).strip() or "one without a name" for s in sorted(missing))
    raise BadOption(
        f"{name} is no size of the document; open sizes: {', '.join(sizes)}",
        remedy="name a size or a symbol of the document",
    )


def _shown(size: str) -> str:
    """The name of a size and a space, or nothing where it has none."""
    return "" if is_unknown(size) else f"{size} "


def _option(size: str, symbols) -> str:
    if not is_unknown(size):
        return size
    return next(n for n, sizes in symbols.items() if sizes == (size,) or size in sizes).lstrip("\\")


def _numbers(reading: Reading, roles: Roles, l2: float | None, assumed):
    """(values of the document's open numbers, weight of an added penalty)."""
    constants = {}
    for name in roles.constants:
        value = 1e-4 if l2 is None else l2
        constants[name] = value
        if name == NUMBER:
            continue
        assumed.append(f"{name} = {value:g}" + ("" if l2 is not None else " (choose it with --l2)"))
    if constants.keys() - {NUMBER}:
        return constants, 0.0
    if l2 is None and reading.scope.regulariser:
        assumed.append("the risk has λ‖θ‖²; λ = 0.0001 for all parameters (choose it with --l2)")
        return constants, 1e-4
    return constants, l2 or 0.0
