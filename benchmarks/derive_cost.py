"""The cost of deriving all gradients of networks of 1 to 256 layers, beside SymPy and tensorgrad.

python benchmarks/derive_cost.py [LAYERS …]     needs the extra `bench` for the others

The networks are h_l = tanh(h_{l-1} W_l + b_l) with a softmax cross-entropy at the end. The time is
that of one reverse sweep for all weights and biases, and the size the number of nodes of all
adjoints. SymPy derives the entries of the gradient of one weight matrix from the written-out loss,
at width 2; its matrix calculus cannot derive an elementwise function of a matrix product.
tensorgrad derives all gradients of the same network one by one, and simplifies each. Both are
tried up to 2 layers: for 4, tensorgrad takes more than a minute.
"""

from __future__ import annotations

import sys
import time

from chainrule.language.algebra import along, apply, element, total
from chainrule.language.expr import Array
from chainrule.language.facts import SUMS_TO_ONE, Fact
from chainrule.language.index import Index
from chainrule.language.program import Definition, Program
from chainrule.mathematics.functions import log, softmax, tanh
from chainrule.transform.reverse import reverse


def network(layers: int) -> tuple[Program, list[str]]:
    i, j = Index("i", "H"), Index("j", "H")
    definitions, names, below = [], [], Array("x", ("H",))
    for layer in range(1, layers + 1):
        weights, bias = Array(f"W_{layer}", ("H", "H")), Array(f"b_{layer}", ("H",))
        body = total(i, element(below, i) * element(weights, i, j)) + element(bias, j)
        below = Array(f"h_{layer}", ("H",))
        definitions.append(Definition(below, (j,), apply(tanh, body)))
        names += [weights.name, bias.name]
    output = Array("p", ("H",))
    definitions.append(Definition(output, (j,), along(softmax, i, element(below, i), j)))
    loss = -total(j, element(Array("t", ("H",)), j) * apply(log, element(output, j)))
    definitions.append(Definition(Array("J"), (), loss))
    return Program(tuple(definitions)), names


def sympy_seconds(layers: int) -> float | None:
    try:
        import sympy
    except ImportError:
        return None
    width = 2
    x = sympy.Matrix(1, width, sympy.symbols(f"x:{width}"))
    t = sympy.Matrix(1, width, sympy.symbols(f"t:{width}"))
    weights = [
        sympy.Matrix(width, width, sympy.symbols(f"w{k}_:{width * width}")) for k in range(layers)
    ]
    started = time.perf_counter()
    h = x
    for matrix in weights:
        h = (h * matrix).applyfunc(sympy.tanh)
    whole = sum(sympy.exp(entry) for entry in h)
    loss = -sum(t[k] * sympy.log(sympy.exp(h[k]) / whole) for k in range(width))
    for entry in weights[0]:
        sympy.diff(loss, entry)
    return time.perf_counter() - started


def tensorgrad_seconds(layers: int) -> float | None:
    try:
        import sympy
        import tensorgrad.functions as functions
        from tensorgrad import Variable
    except ImportError:
        return None
    axes = [{f"h{k}": sympy.Symbol(f"h{k}")} for k in range(layers + 1)]
    h, t, variables = Variable("x", **axes[0]), Variable("t", **axes[-1]), []
    started = time.perf_counter()
    for k in range(1, layers + 1):
        weights = Variable(f"W_{k}", **axes[k - 1], **axes[k])
        bias = Variable(f"b_{k}", **axes[k])
        h = functions.tanh(h @ weights + bias)
        variables += [weights, bias]
    loss = -functions.sum(t * functions.log(functions.softmax(h, dim=f"h{layers}")))
    for variable in variables:
        loss.grad(variable).full_simplify()
    return time.perf_counter() - started


def main() -> None:
    asked = [int(text) for text in sys.argv[1:]] or [1, 2, 4, 16, 64, 256]
    print(f"{'layers':>6} {'ms':>9} {'nodes':>8} {'a layer':>8}", end="")
    print(f" {'SymPy ms':>10} {'tensorgrad ms':>14} {'ratio':>6}")
    for layers in asked:
        program, names = network(layers)
        started = time.perf_counter()
        found = reverse(program, "J", names, [Fact(SUMS_TO_ONE, "t")])
        seconds = time.perf_counter() - started
        nodes = sum(definition.body.size for definition in found.backward.definitions)
        rivals = [None, None]
        if layers <= 2:
            rivals = [sympy_seconds(layers), tensorgrad_seconds(layers)]
        shown = ["-" if one is None else f"{1000 * one:.0f}" for one in rivals]
        ratio = "-" if rivals[1] is None else f"{seconds / rivals[1]:.3f}"
        print(f"{layers:>6} {1000 * seconds:>9.1f} {nodes:>8} {nodes / layers:>8.1f}", end="")
        print(f" {shown[0]:>10} {shown[1]:>14} {ratio:>6}")


if __name__ == "__main__":
    main()
