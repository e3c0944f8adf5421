"""Matrix products that are added up over blocks of examples, some columns at a time.

What a block adds to a gradient as large as the weights is never there as a whole: some columns of
it are made and added to those of the sum while a cache still has them.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import replace

from chainrule.language.program import Program
from chainrule.program.layout import operand_layout, strip
from chainrule.program.numpy_lines import view
from chainrule.program.pieces import Run
from chainrule.program.plan import Output, Plan
from chainrule.program.storage import Storage, store
from chainrule.program.text import indented
from chainrule.program.to_numpy import Source

BAND = 1 << 23
"""Bytes of a product that are made at once: few enough for a cache that processors share, and so
many that a product does not wait for its threads."""


class BlockPart(Source):
    """The source of one block, in pieces; it adds its products to arrays that it is given.

    carried the names of results with a row for each example, which nothing is added to
    added   the results of the plan that are such products
    onto    value → the argument that it is added to
    """

    def __init__(self, program: Program, made: Plan, name: str, dtype: str, carried: Container):
        outputs = made.outputs
        kept = tuple(o for o in outputs if o.name in carried or not _is_product(made, o))
        self.added = tuple(output for output in made.outputs if output not in kept)
        super().__init__(program, replace(made, outputs=kept), name, dtype, "_block", 1)
        claim = self.prepared.names.claim
        self.onto = {output.value: claim(f"sum of {output.name}") for output in self.added}
        self.arguments |= {f"sum of {o.name}": self.onto[o.value] for o in self.added}
        if self.onto and not self.runs:
            self.first, self.piece = claim("first"), claim("piece")
        self.product = claim("product")

    def docstring(self) -> list[str]:
        *lines, returned, memory, end = super().docstring()
        told = [f"{self.onto[o.value]}  {self.shape(o.sizes)}, changed" for o in self.added]
        return [*lines, *told, returned, memory, end]

    def stored(self, made: Plan) -> Storage:
        """Without memory for what is added at once."""
        storage, added = store(made), {output.value for output in self.added}
        of = {value: buffer for value, buffer in storage.of.items() if value not in added}
        held = set(of.values())
        return Storage([buffer for buffer in storage.buffers if buffer in held], of)

    def statement(self, value: int, run: Run | None = None) -> list[str]:
        if value not in self.onto:
            return super().statement(value, run)
        operation, prepared = self.plan.operations[value], self.prepared
        row, column = (axis for axis in self.plan.produced[value] if axis is not None)
        (summed,) = set(range(len(operation.sizes))) - {row, column}
        first = int(row not in operation.operands[0][1])
        left = self.writer.operand(value, first, (row, summed))
        right = self.writer.operand(value, 1 - first, (summed, column))
        rows, columns = (prepared.size(operation.sizes[axis]) for axis in (row, column))
        width = prepared.define("columns", f"max(1, {BAND} // (np.dtype(dtype).itemsize * {rows}))")
        work = prepared.define("work", f"np.empty({rows} * min({columns}, {width}), dtype)")
        whole = view(self.onto[value], self.plan.layouts[value], self.plan.produced[value])
        product = f"{work}[: {self.piece}.size].reshape({self.piece}.shape)"
        some = f":, {self.first} : {self.first} + {width}"
        return [
            f"for {self.first} in range(0, {columns}, {width}):",
            *indented(
                [
                    f"{self.piece} = {whole}[{some}]",
                    f"{self.product} = np.matmul({left}, {right}[{some}], out={product})",
                    f"np.add({self.piece}, {self.product}, out={self.piece})",
                ]
            ),
        ]


def _is_product(plan: Plan, output: Output) -> bool:
    """Whether a result is the product of two matrices, as large as it gets."""
    operation, value = plan.operations[output.value], output.value
    if operation.kind != "contract" or output.axes != operation.axes or len(output.axes) != 2:
        return False
    lies = [strip(operand_layout(plan.operations, value, k, plan.layouts)) for k in (0, 1)]
    return len(operation.sizes) == 3 and all(len(axes) == 2 for axes in lies)
