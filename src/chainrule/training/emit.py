"""A document's loss and gradients as a file that stands alone, and a test of it beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from chainrule.errors import BadOption, NoLoss, NotTrainable, UnknownSize, UnknownSymbol
from chainrule.language.facts import ONE_HOT, Fact
from chainrule.language.program import Program
from chainrule.notation.question import read_question, symbol_name, with_named_sizes
from chainrule.notation.reading import Reading
from chainrule.program.blocks import blocks
from chainrule.program.build import sized
from chainrule.program.describe import of_size
from chainrule.program.numpy_blocks import BlockSource
from chainrule.program.plan import Plan, plan
from chainrule.program.to_jax import JaxSource
from chainrule.program.to_numpy import Source
from chainrule.program.to_torch import TorchSource
from chainrule.training.batch import batched
from chainrule.training.not_understood import check_understood
from chainrule.training.roles import Roles, find_roles
from chainrule.training.shapes import window_sizes
from chainrule.transform.reverse import reverse
from chainrule.transform.stabilise import stabilise_program
from chainrule.transform.values import name_values
from chainrule.transform.windows import name_windows

TARGETS = ("numpy", "jax", "torch")
PRIMES = (3, 5, 7, 11, 13, 17, 19, 23, 29, 31)


@dataclass(frozen=True)
class Emitted:
    """Source of a function of a batch, `step`, that gives the mean loss and its gradients.

    arguments  input → the name of the argument of `step`
    sizes      size that no input has → the name of the argument
    slopes     variable → name of its gradient
    one_hot    the input whose rows are one-hot, which the gradients take for granted
    assumed    sentences for people
    """

    source: str
    plan: Plan
    to: str
    arguments: Mapping[str, str]
    slopes: Mapping[str, str]
    one_hot: str | None
    assumed: tuple[str, ...] = ()
    sizes: Mapping[str, str] = field(default_factory=dict)

    def test(self, module: str) -> str:
        """A pytest file for the module: each gradient against differences of the loss."""
        arguments = self.arguments
        lengths = dict(zip(self.plan.sizes, PRIMES, strict=False))
        made = []
        for array in self.plan.inputs:
            shape = ", ".join(str(lengths.get(size, size)) for size in array.sizes)
            text = f"random.standard_normal(({shape}{',' if len(array.sizes) == 1 else ''}))"
            if not array.sizes and array.name not in self.slopes:
                # A number that is given is more often than not one under a root or a logarithm.
                text = "random.uniform(0.5, 1.5, ())"
            if array.name == self.one_hot:
                *rows, width = (lengths.get(size, size) for size in array.sizes)
                text = f"np.eye({width})[random.integers(0, {width}, {tuple(rows)})]"
            made.append(f"    {arguments[array.name]!r}: {text},")
        asked = [repr(arguments[name]) for name in self.slopes]
        text = TORCH_TEST if self.to == "torch" else DIFFERENCES
        free = {self.sizes[size]: lengths[size] for size in self.plan.open_sizes}
        parts = {"before": "", "after": "", "inputs": "\n".join(made), "asked": ", ".join(asked)}
        if self.to == "jax":
            fixed = f", static_argnames={list(free)!r}" if free else ""
            parts |= {"before": JAX_HEAD, "after": f"\nstep = jax.jit(step{fixed})"}
        if free:
            parts["inputs"] += "".join(f"\n    {name!r}: {n}," for name, n in free.items())
        return text.format(module=module, **parts)

    def write(self, path: str | Path) -> tuple[Path, Path]:
        """The file, and its test beside it; their paths."""
        path = Path(path)
        test = path.with_name(f"test_{path.name}")
        path.write_text(self.source)
        test.write_text(self.test(path.stem))
        return path, test


@dataclass(frozen=True)
class _Asked:
    """A program in stable form whose last value is a number, and what its gradients are by."""

    program: Program
    of: str
    by: tuple[str, ...]
    facts: tuple[Fact, ...]
    assumed: tuple[str, ...]


def emit(
    reading: Reading, of: str, by: Sequence[str], to: str = "numpy", memory: int | None = None
) -> Emitted:
    """Source of a function that gives the mean loss of a batch and its gradients.

    Of a number that is no loss of one example after the other, as behind attention within a
    sentence, it gives the number as it is printed.

    to      numpy, jax or torch
    memory  bytes: with numpy, the examples are gone through in blocks that need no more
    raises  BadOption, UnknownSymbol, UnreadFormula, NoLoss, NotTrainable
    """
    if to not in TARGETS:
        raise BadOption(f"cannot emit {to}; known are {', '.join(TARGETS)}", remedy="--to numpy")
    roles, wanted = None, symbol_name(of, reading)
    with suppress(NoLoss, NotTrainable):
        roles = find_roles(reading)
    another = wanted in reading.scope.program(archived=True).by_name
    if roles is None or (another and wanted != roles.loss):
        asked = _as_printed(reading, of, by)
    else:
        asked = _of_a_batch(reading, roles, [symbol_name(name, reading) for name in by])
    found = reverse(with_named_sizes(asked.program), asked.of, asked.by, asked.facts)
    slopes = {name: found.names[name] for name in asked.by}
    made = plan(found.program, (asked.of, *slopes.values()), True)
    hot = [f.array for f in asked.facts if f.kind == ONE_HOT]
    written = _source(found.program, made, found.names, to, memory)
    one_hot = hot[0] if hot else None
    arguments = written.arguments
    free = {} if isinstance(written, BlockSource) else written.open
    whose = ((name, of_size(found.program, size)) for size, name in free.items())
    said = [f"{name}, {word}, is stated nowhere: step takes it as a number" for name, word in whose]
    said = (*asked.assumed, *said)
    return Emitted(written.text(), made, to, arguments, found.names, one_hot, said, free)


def _of_a_batch(reading: Reading, roles: Roles, names: Sequence[str]) -> _Asked:
    """The loss of a batch."""
    known = [fact for fact in sorted(reading.scope.facts) if fact.array == roles.target.name]
    # Of one example the classes run along the only axis that is left.
    facts = tuple(replace(fact, axis=-1) for fact in known)
    return _Asked(_program(roles, names), roles.loss, tuple(names), facts, roles.assumed)


def _as_printed(reading: Reading, of: str, by: Sequence[str]) -> _Asked:
    """A number as the document prints it, of all its arrays as they are."""
    question = read_question(reading, of, by)
    definition = question.definition
    if definition.indices or any(one.letters for one in question.by):
        raise BadOption(
            f"code is written of the gradients of one number by whole arrays: {of} by"
            f" {', '.join(by)} is something else",
            remedy="ask for a number such as the loss, by names without indices",
        )
    program = question.program.needed(definition.name)
    check_understood(reading, program)
    named = name_windows(name_values(program, whole=0))
    settled = stabilise_program(sized(named, window_sizes(program, {})))
    said = f"{of} is written as it is printed, not as a loss of one example after the other"
    names = tuple(one.name for one in question.by)
    return _Asked(settled, definition.name, names, question.facts, (*question.assumed, said))


def _program(roles: Roles, names: Sequence[str]) -> Program:
    """The loss of a batch in stable form; raises UnknownSymbol."""
    inputs = frozenset((roles.features.name, roles.target.name))
    program = name_values(batched(roles.program, roles.loss, inputs), whole=0)
    known = {*program.by_name, *(array.name for array in program.inputs)}
    for name in names:
        if name not in known:
            raise UnknownSymbol(
                f"{roles.loss} does not depend on {name}",
                remedy=f"ask for some of {', '.join(sorted(known - {roles.loss}))}",
            )
    # How often a filter fits into a picture follows from sizes that the document states.
    settled = sized(name_windows(program), window_sizes(roles.program, {}))
    return stabilise_program(settled)


def _source(
    program: Program, made: Plan, slopes: Mapping[str, str], to: str, memory: int | None
) -> Source | BlockSource:
    if to == "jax":
        return JaxSource(program, made, "step", sizes=True)
    if to == "torch":
        inputs = {array.name for array in made.inputs}
        kept = {name: slope for name, slope in slopes.items() if name in inputs}
        return TorchSource(program, made, kept, made.outputs[0].name)
    if memory is not None and made.open_sizes:
        raise UnknownSize(
            f"{made.open_sizes[0]}, {of_size(program, made.open_sizes[0])}, is stated nowhere",
            remedy="state the shape of what it belongs to, or leave the memory open",
        )
    parts = None if memory is None else blocks(made)
    if parts is None:
        return Source(program, made, "step", "float32", sizes=True)
    return BlockSource(program, made, parts, "step", "float32", memory)


JAX_HEAD = """import jax

jax.config.update("jax_enable_x64", True)
"""

DIFFERENCES = '''"""The gradients of {module} against central differences, in float64."""

import numpy as np
import pytest
{before}from {module} import step
{after}
random = np.random.default_rng(0)
INPUTS = {{
{inputs}
}}


@pytest.mark.parametrize("number, name", list(enumerate([{asked}], 1)))
def test_gradient(number, name):
    slope = np.array(step(**INPUTS)[number])
    assert slope.shape == INPUTS[name].shape
    for _ in range(5):
        direction = random.standard_normal(slope.shape)
        moved = [{{**INPUTS, name: INPUTS[name] + h * direction}} for h in (1e-5, -1e-5)]
        ends = [float(step(**inputs)[0]) for inputs in moved]
        along = float((slope * direction).sum())
        assert abs((ends[0] - ends[1]) / 2e-5 - along) <= 1e-6 * max(1, abs(along))
'''

TORCH_TEST = '''"""The backward pass of {module} against numerical differences, in float64."""

import numpy as np
import torch
{before}from {module} import loss

random = np.random.default_rng(0)
INPUTS = {{
{inputs}
}}


def test_gradients():
    asked = [{asked}]
    tensors = [
        a if isinstance(a, int) else torch.tensor(a).requires_grad_(n in asked)
        for n, a in INPUTS.items()
    ]
    assert torch.autograd.gradcheck(loss, tensors)
'''
