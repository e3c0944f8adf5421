r"""Functions of which only the argument is known, as x(u): derivatives through them are symbols.

To first order such a function is linear: of x_i = Σ_k S_{ik} u_k the derivative by u_k is S_{ik},
which stands for ∂x_i/∂u_k. This is how a program says that x depends on u and nothing else. Second
derivatives need more than that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from chainrule.language.algebra import add, element, mul, total
from chainrule.language.expr import Array, Expr, Mul
from chainrule.language.facts import SUMS_TO_ONE, Fact
from chainrule.language.index import Index, fresh, place_of
from chainrule.language.inline import Lambda, elements, inline
from chainrule.language.passes import parts
from chainrule.language.program import Definition, Program
from chainrule.notation.expected import is_softmax
from chainrule.notation.pens import Latex, Text
from chainrule.notation.style import Slope, Style
from chainrule.transform.differentiate import differentiate
from chainrule.transform.reverse import adjoint_name, is_adjoint_name

if TYPE_CHECKING:
    from chainrule.notation.scope import Scope

# What `f(x)` may be, where f is an array of which nothing is known.
CALLED = ["a value that depends", "a product"]


def with_unknown_functions(program: Program, scope: Scope, by: Iterable[str]) -> Program:
    """The program with a definition for each x(u) that is printed and nowhere defined, where u
    leads to what is differentiated by."""
    wanted, found = set(by), []
    inputs = {array.name: array for array in program.inputs}
    for name, argument in sorted(scope.dependences):
        if name not in inputs or name in wanted or name == argument:
            continue
        if not inputs[name].sizes and not scope.is_declared(name):
            # A number `f(x)` may be anything.
            continue
        if not wanted & {argument, *scope.inputs(argument)} or _is_product(program, name, argument):
            continue
        if argument in program.by_name:
            array = program.by_name[argument].array
        else:
            array = inputs.get(argument, scope.array(argument))
        found.append(_linear(inputs[name], array))
    return program if not found else _ordered(program, found)


def varied_with(scope: Scope, program: Program) -> dict[str, Definition]:
    """The same for all vectors and matrices x of which the document prints x(u) for one u, by
    which it differentiates."""
    found: dict[str, list[str]] = {}
    for name, argument in sorted(scope.dependences):
        if name != argument and name in scope.symbols and scope.symbol(name).sizes:
            found.setdefault(name, []).append(argument)
    return {
        name: _linear(scope.array(name), scope.array(arguments_[0]))
        for name, arguments_ in found.items()
        if len(arguments_) == 1 and arguments_[0] in scope.varied and name not in program.by_name
    }


def _ordered(program: Program, found: list[Definition]) -> Program:
    """Each definition after those that it uses."""
    waiting, ordered = [*found, *program.definitions], []
    while waiting:
        names = {one.name for one in waiting}
        ready = next((one for one in waiting if not one.uses & names), None)
        if ready is None:
            # x depends on u, and u on x: nothing is known of either.
            return program
        ordered.append(ready)
        waiting.remove(ready)
    return Program(tuple(ordered))


def _linear(array: Array, argument: Array) -> Definition:
    rows = tuple(Index(letter, size) for letter, size in zip("ij", array.sizes, strict=False))
    columns = tuple(map(fresh, argument.sizes))
    slope = Array(adjoint_name(array.name, argument.name), (*array.sizes, *argument.sizes))
    body = mul(element(slope, *rows, *columns), element(argument, *columns))
    for column in reversed(columns):
        body = total(column, body)
    return Definition(array, rows, body)


def _is_product(program: Program, name: str, argument: str) -> bool:
    """Whether `x(u)` may be meant as a product somewhere."""
    return any(
        isinstance(part, Mul)
        and any(one.name == name for factor in part.factors for one in factor.arrays)
        and any(one.name == argument for factor in part.factors for one in factor.arrays)
        for definition in program.definitions
        for part in parts(definition.body)
    )


def is_unknown_function(definition: Definition) -> bool:
    """Whether a definition says no more than what a name depends on."""
    return any(is_adjoint_name(array.name) for array in definition.body.arrays)


def arguments(program: Program) -> dict[str, tuple[Array, Array, Array]]:
    """x → (x, u, ∂x/∂u) for the unknown functions of a program."""
    found = {}
    for definition in program.definitions:
        if is_unknown_function(definition):
            (slope,) = (a for a in definition.body.arrays if is_adjoint_name(a.name))
            (argument,) = definition.body.arrays - {slope}
            found[definition.name] = (definition.array, argument, slope)
    return found


def is_called(meaning, text: str) -> bool:
    """Whether a name before a bracket is a value that depends on what stands in it."""
    return meaning.choices.settle(f"{text}(…)", CALLED) == CALLED[0]


def was_called(meaning, text: str) -> bool:
    """Whether a name was read so before."""
    return meaning.choices.settled.get(f"{text}(…)") == CALLED[0]


def through_dependence(
    scope: Scope,
    expr: Expr,
    text: str,
    images: Iterable[Index],
    is_one: Callable[[str], bool] = bool,
) -> Expr | None:
    """The derivative by u of what depends on x, where x(u) is printed and nothing says how.

    is_one  which of the names x are taken
    """
    found = []
    for array in sorted(elements(expr), key=lambda one: one.name):
        depends = (array.name, text) in scope.dependences and array.name != text
        if depends and array.name not in scope.definitions and is_one(array.name):
            axes = tuple(fresh(size) for size in array.sizes)
            sizes = (*array.sizes, *(i.size for i in images))
            jacobian = Array(adjoint_name(array.name, text), sizes)
            slope = differentiate(expr, element(array, *axes))
            part = mul(slope, element(jacobian, *axes, *images))
            for axis in axes:
                part = total(axis, part)
            found.append(part)
    return add(*found) if found else None


def with_slopes(style: Style, program: Program) -> Style:
    """The style in which `∂x/∂u` is printed as the derivative that it is."""
    unknown = arguments(program)
    if not unknown:
        return style
    names, slopes = dict(style.names), dict(style.slopes)
    for array, argument, slope in unknown.values():
        pens = (Latex(style), Text(style))
        names[slope.name] = tuple(
            pen.slope(pen.array(array.name).text, pen.array(argument.name).text) for pen in pens
        )
        images = tuple(map(fresh, array.sizes))
        slopes[slope.name] = Slope(Lambda(images, element(array, *images)), argument.name)
    return replace(style, names=names, slopes=slopes)


def given_by_name(program: Program, style: Style) -> tuple[Program, list[Array], Style]:
    """A program without the definitions of unknown functions, the arguments of these, and the
    style that says what they depend on: `x(u)`."""
    unknown = arguments(program)
    names = dict(style.names)
    for array, argument, _ in unknown.values():
        pens = (Latex(style), Text(style))
        names[array.name] = tuple(
            f"{pen.array(array.name).text}({pen.array(argument.name).text})" for pen in pens
        )
    known = Program(tuple(d for d in program.definitions if d.name not in unknown))
    others = {argument for _, argument, _ in unknown.values()} - set(known.inputs)
    others = {array for array in others if array.name not in known.by_name}
    return known, sorted(others), replace(style, names=names)


# As gradients ------------------------------------------------------------------------------------


def by_gradients(
    body: Expr, column: Index, program: Program, style: Style, facts: Iterable[Fact]
) -> tuple[Expr, Style] | None:
    r"""A derivative by u_k in terms of the vectors ∇_u x_i, and the style that prints them so.

    Sums over probabilities are expectations in it. None where k is printed elsewhere, too.
    """
    meanings: dict[str, Lambda] = {}
    slopes = dict(style.slopes)
    for array, argument, slope in arguments(program).values():
        if slope in body.arrays and len(argument.sizes) == 1:
            images = tuple(map(fresh, array.sizes))
            gradient = Array(f"∇{slope.name}", array.sizes)
            meanings[slope.name] = Lambda((*images, column), element(gradient, *images))
            over = Lambda(images, element(array, *images))
            slopes[gradient.name] = Slope(over, argument.name, gradient=True)
    if not meanings or not _reads_at(body, meanings, column):
        return None
    found = inline(body, meanings)
    if column in found.free:
        return None
    shares = {fact.array for fact in facts if fact.kind == SUMS_TO_ONE}
    shares |= {d.name for d in program.definitions if is_softmax(d.body)}
    return found, replace(style, slopes=slopes, shares=frozenset(shares))


def _reads_at(body: Expr, meanings: Mapping[str, Lambda], column: Index) -> bool:
    """Whether every slope is read at the column alone."""
    read = (part for part in parts(body) if getattr(part, "array", Array("")).name in meanings)
    return all(part.places[-1] == place_of(column) for part in read)
