"""Which symbols of a document are features, target and parameters, read off the equations."""

from __future__ import annotations

from dataclasses import dataclass

from chainrule.errors import NotTrainable
from chainrule.language.expr import Add, Along, Array, Element, Expr, Mul, Power, Reduce, children
from chainrule.language.index import fresh, place_of
from chainrule.language.inline import elements
from chainrule.language.program import Definition, Program
from chainrule.language.walk import walk
from chainrule.notation.loss import find_loss
from chainrule.notation.reading import Reading


@dataclass(frozen=True)
class Roles:
    """A document's network, for one example.

    program     the definitions that lead to the loss, the loss last
    loss        the name of the loss
    features    the array that data go into, target the array of what is to be predicted
    prediction  the defined array that the loss compares with the target
    parameters  the arrays to be learned, in the order of use
    constants   numbers that somebody has to choose, such as λ
    assumed     sentences for people
    """

    program: Program
    loss: str
    features: Array
    target: Array
    prediction: str
    parameters: tuple[Array, ...]
    constants: tuple[str, ...]
    assumed: tuple[str, ...]


def find_roles(reading: Reading) -> Roles:
    """The roles of the symbols in a document that defines one scalar loss.

    raises  NoLoss, NotTrainable
    """
    loss = find_loss(reading)
    name, program = loss.name, loss.program
    target = loss.target or _target(program.definition(name).body, reading)
    contracted, added = _uses(program)
    inputs = [a for a in program.inputs if a.name != target.name]
    features = _features(inputs, contracted, added, name)
    parameters = tuple(a for a in inputs if a.sizes and a.name != features.name)
    if not parameters:
        raise NotTrainable(
            f"nothing is left to be learned: {name} depends on {features.name} and {target.name}",
            remedy="write the weights as symbols of their own, as in θ = x W + b",
        )
    constants = tuple(a.name for a in inputs if not a.sizes)
    program, prediction = _prediction(program, name, target)
    return Roles(program, name, features, target, prediction, parameters, constants, loss.assumed)


def _target(body: Expr, reading: Reading) -> Array:
    """The input vector that the loss compares with the prediction."""
    scope = reading.scope
    inputs = [a for a in elements(body) if a.name not in scope.archive and len(a.sizes) == 1]
    found = [a for a in sorted(inputs, key=lambda a: a.name) if _is_compared(a, body)]
    if len(found) != 1:
        names = ", ".join(a.name for a in found) or "none"
        raise NotTrainable(
            f"the target cannot be told: {names} would do",
            remedy="let the loss compare one predicted vector with one target vector",
        )
    return found[0]


def _is_compared(array: Array, body: Expr) -> bool:
    """Whether an array stands beside the prediction, not beside a matrix or alone."""
    beside = set()

    def visit(node: Expr):
        near = _top(node.body) if isinstance(node, Reduce) else set()
        if array in near and not any(len(a.sizes) > 1 for a in near):
            beside.add(node)
        yield from children(node)

    walk(visit, body)
    return bool(beside)


def _top(body: Expr) -> set[Array]:
    """The arrays that are factors or terms of a body, not those inside functions and sums."""
    found = set()
    waiting = [body]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Element):
            found.add(node.array)
        elif isinstance(node, (Add, Mul, Power)):
            waiting.extend(children(node))
    return found


def _uses(program: Program) -> tuple[set[Array], set[Array]]:
    """(arrays contracted with a matrix, arrays that stand alone as a term)."""
    contracted: set[Array] = set()
    added: set[Array] = set()

    def visit(node: Expr):
        if isinstance(node, Reduce):
            near = _top(node.body)
            if any(len(array.sizes) == 2 for array in near):
                contracted.update(array for array in near if len(array.sizes) == 1)
        if isinstance(node, Add):
            added.update(term.array for term in node.terms if isinstance(term, Element))
        yield from children(node)

    for definition in program.definitions:
        walk(visit, definition.body)
    return contracted, added


def _features(inputs: list[Array], contracted, added, loss: str) -> Array:
    vectors = [a for a in inputs if len(a.sizes) == 1]
    found = [a for a in vectors if a in contracted and a not in added]
    if len(found) != 1:
        names = ", ".join(a.name for a in found) or "no vector"
        raise NotTrainable(
            f"the features cannot be told: {names} is multiplied by a matrix on the way to {loss}",
            remedy="let one vector x go in, as in x W + b or W x + b",
        )
    return found[0]


def _prediction(program: Program, loss: str, target: Array) -> tuple[Program, str]:
    """The defined vector that the loss compares with the target, named if it has no name."""
    definition = program.definition(loss)
    near = [a for a in elements(definition.body) if a.name in program.by_name]
    near = [a for a in near if a.sizes == target.sizes]
    if len(near) == 1:
        return program, near[0].name
    found = [node for node in _alongs(definition.body) if node.index.size == target.sizes[0]]
    if len(found) != 1:
        raise NotTrainable(
            f"what {loss} compares with {target.name} cannot be told",
            remedy=r"give the prediction a name, as in \hat{y} = softmax(θ)",
        )
    index = fresh(target.sizes[0])
    node = found[0]
    body = Along(node.function, node.index, node.body, place_of(index))
    named = Definition(Array("prediction", target.sizes), (index,), body)
    rest = program.definitions[:-1]
    return Program((*rest, named, definition)), "prediction"


def _alongs(body: Expr) -> list[Along]:
    """The functions along an axis inside an expression, whatever element of them is read."""
    found: dict[tuple, Along] = {}

    def visit(node: Expr):
        if isinstance(node, Along):
            found[node.function.name, node.body] = node
        yield from children(node)

    walk(visit, body)
    return list(found.values())
