"""A plan as PyTorch source: loss and gradients as one `autograd.Function` with our backward."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from chainrule.language.program import Program
from chainrule.program.naming import identifier
from chainrule.program.plan import Plan
from chainrule.program.text import indented, wrapped
from chainrule.program.to_jax import JaxLines, JaxSource

SPELLED = {
    r"\bnp\.max\(": "torch.amax(",
    r"\bnp\.power\(": "torch.pow(",
    r"\bnp\.take_along_axis\(": "torch.take_along_dim(",
    r"\bnp\.asarray\((.*), dtype\)": r"torch.as_tensor(\1, dtype=dtype)",
    r"\bnp\.asarray\(": "torch.as_tensor(",
    r"\bnp\.take\((\w+), (.*), axis=(\d+)\)": r"torch.index_select(\1, \3, \2)",
    r"\bnp\.": "torch.",
    r"\.astype\(int\)": ".long()",
    r"\.astype\(dtype\)": ".to(dtype)",
    r"\.transpose\(": ".permute(",
    r"\baxis=": "dim=",
    r"\bkeepdims=": "keepdim=",
}
"""How PyTorch spells what NumPy and JAX spell alike."""

MADE = r"\btorch\.(?:arange|zeros|ones|as_tensor)\("


class TorchLines(JaxLines):
    """Operations of a plan as expressions of tensors."""

    def expression(self, value: int, out: str | None = None) -> str:
        operation = self.plan.operations[value]
        if value in self.plan.fixed and not operation.axes:
            return self.number(value)
        if operation.kind == "maximum":
            found = self.aligned(value)
            for k in (0, 1):
                if self.is_literal(value, k):
                    return f"np.clamp({found[1 - k]}, min={found[k]})"
        if operation.kind == "where" and self.is_literal(value, 1):
            mask, yes, no = self.aligned(value)
            return f"np.where({mask}, np.asarray({yes}, dtype), {no})"
        return super().expression(value, out)

    def added(self, array: str, places: str, amounts: str) -> str:
        zeros = array.replace(", dtype)", ", dtype=dtype)")
        return f"{zeros}.index_put(({places},), {amounts}, accumulate=True)"

    def is_literal(self, value: int, k: int) -> bool:
        operand = self.plan.operations[value].values[k]
        return operand in self.plan.fixed and not self.plan.operations[operand].axes

    def number(self, value: int) -> str:
        """A number that depends on sizes only, by Python itself."""
        operation = self.plan.operations[value]
        operands = self.aligned(value)
        named = operation.kind.replace("arc", "a")
        match operation.kind:
            case "divide":
                return f"({operands[0]} / {operands[1]})"
            case "power":
                return f"({operands[0]} ** {operands[1]})"
            case _ if hasattr(math, named):
                return f"math.{named}({operands[0]})"
            case "maximum":
                return f"max({', '.join(operands)})"
        if not operands:
            return super().expression(value)
        return self.plain(operation.kind, operands, False)


class TorchSource(JaxSource):
    """One module being written: `step`, and the function that autograd goes back through.

    made    its first output is the loss
    slopes  argument → the output that is the gradient by it
    """

    def __init__(self, program: Program, made: Plan, slopes: Mapping[str, str], name: str):
        self.slopes, self.loss = slopes, name
        super().__init__(program, made, "step", sizes=True)

    def line_writer(self) -> TorchLines:
        return TorchLines(
            self.plan, self.no_storage(), self.values, self.claimed, lambda *_: "", lambda _: ()
        )

    def text(self) -> str:
        code = "\n".join([*self.functions(), "", "", *self.function(), ""])
        before = "import math\n\n" if "math." in code else ""
        return f"{before}import torch\n\n\n{code}"

    def spoken(self, line: str) -> str:
        if line.startswith("#"):
            return line
        for pattern, text in SPELLED.items():
            line = re.sub(pattern, text, line)
        return line

    def within(self, lines: list[str]) -> list[str]:
        """What is made here lies on the device that the arguments lie on."""
        if not any(re.search(MADE, line) for line in lines if not line.startswith("#")):
            return lines
        first = next(iter(self.arguments.values()))
        return [f"with torch.device({first}.device):", *indented(lines)]

    def kind(self) -> str:
        return f"dtype = {next(iter(self.arguments.values()), 'torch')}.dtype"

    def function(self) -> list[str]:
        """The class that PyTorch's autograd knows, with the gradients that `step` has found."""
        arguments = ", ".join((*self.arguments.values(), *self.open.values()))
        outputs = [output.name for output in self.plan.outputs]
        slopes = [
            f"slope * found[{outputs.index(self.slopes[array]) - 1}]"
            if array in self.slopes
            else "None"
            for array in (*self.arguments, *self.open)
        ]
        asked = ", ".join(a for n, a in self.arguments.items() if n in self.slopes)
        title = identifier(self.loss).title().replace("_", "")
        return [
            f"class {title}(torch.autograd.Function):",
            f'    """{outputs[0]}, to be differentiated by {asked}."""',
            "",
            "    @staticmethod",
            f"    def forward(context, {arguments}):",
            f"        loss, *slopes = step({arguments})",
            "        context.save_for_backward(*slopes)",
            "        return loss",
            "",
            "    @staticmethod",
            "    def backward(context, slope):",
            "        found = context.saved_tensors",
            *indented(indented(wrapped(f"return ({', '.join(slopes)},)"))),
            "",
            "",
            f"loss = {title}.apply",
        ]
