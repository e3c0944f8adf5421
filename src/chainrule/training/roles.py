"""Which symbols of a document are features, target and parameters, read off the equations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from chainrule.errors import ChainruleError, NoLoss, NotTrainable
from chainrule.language.algebra import add, mul, split_number, substitute
from chainrule.language.expr import Add, Along, Array, Element, Expr, Mul, Reduce, children
from chainrule.language.index import fresh, place_of
from chainrule.language.inline import Lambda, elements, inline
from chainrule.language.passes import parts
from chainrule.language.program import Definition, Program
from chainrule.language.usage import factors_and_terms, uses
from chainrule.notation.loss import Loss, find_loss
from chainrule.notation.reading import Reading
from chainrule.training.examples import one_example
from chainrule.training.joined import joined_loss
from chainrule.training.letters import SMALL, TARGETS, WEIGHTS, letter
from chainrule.training.not_understood import check_defined, check_understood
from chainrule.training.undeclared import missing_line, with_biases, with_line
from chainrule.transform.windows import windowed


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

    The shapes that a batch leaves out are guessed, where that makes sense of it.

    raises  NoLoss, NotTrainable
    """
    first = None
    for loss_of in (find_loss, joined_loss):
        try:
            return _stated(reading, loss_of)
        except (NoLoss, NotTrainable) as error:
            # What a document says of its loss is told, or else that it has none.
            kept = first is None or (isinstance(first, NoLoss) and isinstance(error, NoLoss))
            first = error if kept else first
    raise first


def _stated(reading: Reading, loss_of: Callable[[Reading], Loss]) -> Roles:
    """The roles with the shapes that a batch leaves out, where that makes sense of it."""
    line = missing_line(reading, loss_of)
    if line is not None:
        try:
            found = _roles(with_line(reading, line), loss_of)
            return replace(found, assumed=(f"as if it said: {line}", *found.assumed))
        except ChainruleError:
            # What it says as it stands is told.
            pass
    try:
        return _roles(reading, loss_of)
    except NotTrainable:
        check_understood(reading, loss_of(reading).program)
        raise


def _roles(reading: Reading, loss_of: Callable[[Reading], Loss]) -> Roles:
    loss = loss_of(reading)
    check_defined(loss.program.needed(loss.name))
    name, target, assumed = loss.name, loss.target, loss.assumed
    program = _without_other_names(loss.program)
    if (single := one_example(program, name)) is not None:
        program, said = with_biases(reading, single.program)
        target, assumed = single.target, (*assumed, single.said, *said)
    target = target or _target(program, name, reading)
    contracted, added = uses(program)
    inputs = [a for a in program.inputs if a.name != target.name]
    features = _windowed(inputs, program) or _features(inputs, contracted, added, name)
    parameters = tuple(a for a in inputs if a != features and _is_learned(a, added))
    if not parameters:
        raise NotTrainable(
            f"nothing is left to be learned: {name} depends on {features.name} and {target.name}",
            remedy="write the weights as symbols of their own, as in θ = x W + b",
        )
    constants = tuple(a.name for a in inputs if a != features and a not in parameters)
    program, prediction = _prediction(program, name, target)
    return Roles(program, name, features, target, prediction, parameters, constants, assumed)


def _without_other_names(program: Program) -> Program:
    """The program without definitions that only name an input again, as `a^{(0)} = x`."""
    inputs, meanings, rest = set(program.inputs), {}, []
    for definition in program.definitions:
        body = inline(definition.body, meanings)
        if isinstance(body, Element) and body.array in inputs and definition.indices:
            meanings[definition.name] = Lambda(definition.indices, body)
        else:
            rest.append(Definition(definition.array, definition.indices, body))
    return Program(tuple(rest)) if meanings else program


def _is_learned(array: Array, added: set[Array]) -> bool:
    """Whether an input is a weight: any array, and a number that is added on as a bias."""
    return bool(array.sizes) or (array in added and letter(array) not in SMALL)


def _target(program: Program, loss: str, reading: Reading) -> Array:
    """The input, a vector or a number, that the loss alone uses: it is compared there."""
    body = program.definition(loss).body
    used = {name for d in program.definitions if d.name != loss for name in d.uses}
    used |= set(reading.scope.archive)
    inputs = sorted((a for a in elements(body) if a.name not in used), key=lambda a: a.name)
    every = set(program.inputs)
    numbers = [a for a in inputs if not a.sizes]
    found = (
        [a for a in inputs if len(a.sizes) == 1 and _is_compared(a, body, every)]
        or [a for a in numbers if letter(a) in TARGETS]
        or [a for a in numbers if _is_beside_a_value(a, body, reading)]
    )
    if len(found) != 1:
        names = ", ".join(a.name for a in found) or "none"
        raise NotTrainable(
            f"the target cannot be told: {names} would do",
            remedy="let the loss compare one prediction with one target, as in (ŷ − y)²,"
            " and of a batch let the loss alone run over the examples",
        )
    return found[0]


def _is_beside_a_value(number: Array, body: Expr, reading: Reading) -> bool:
    """Whether a number is added to, or multiplied by, something that the document defines."""
    for node in parts(body):
        if isinstance(node, (Add, Mul)) and number in node.arrays:
            beside = [part for part in children(node) if number not in part.arrays]
            if any(a.name in reading.scope.archive for part in beside for a in part.arrays):
                return True
    return False


def _is_compared(array: Array, body: Expr, inputs: set[Array]) -> bool:
    """Whether a vector stands in a sum that has no other input as a factor or term."""
    tops = (factors_and_terms(part.body) for part in parts(body) if isinstance(part, Reduce))
    return any(array in near and not (near - {array}) & inputs for near in tops)


def _windowed(inputs: list[Array], program: Program) -> Array | None:
    """The one input that is read in windows, as a filter runs over a picture."""
    found = windowed(program) & set(inputs)
    return found.pop() if len(found) == 1 else None


def _features(inputs: list[Array], contracted, added, loss: str) -> Array:
    vectors = [a for a in inputs if len(a.sizes) == 1]
    found = [a for a in vectors if a in contracted and a not in added]
    found = [a for a in found if letter(a) not in WEIGHTS] or found
    if len(found) != 1:
        names = ", ".join(a.name for a in found) or "no vector"
        raise NotTrainable(
            f"the features cannot be told: {names} is multiplied by weights on the way to {loss}",
            remedy="let one vector x go in, as in x W + b or w^T x + b,"
            r" or state the shape of all examples, as in X \in \mathbb{R}^{D \times m}",
        )
    return found[0]


def _prediction(program: Program, loss: str, target: Array) -> tuple[Program, str]:
    """The defined vector that the loss compares with the target, named if it has no name."""
    definition = program.definition(loss)
    near = [a for a in elements(definition.body) if a.name in program.by_name]
    near = [a for a in near if a.sizes == target.sizes]
    if len(near) == 1:
        return program, near[0].name
    found = [n for n in _alongs(definition.body) if (n.index.size,) == target.sizes]
    if (named := _compared_with(target, definition.body)) is not None:
        return Program((*program.definitions[:-1], named, definition)), named.name
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


def _compared_with(target: Array, body: Expr) -> Definition | None:
    """What a target is subtracted from, or what is subtracted from it: f of (f − y)²."""
    found, own = set(), tuple(fresh(size) for size in target.sizes)
    for node in parts(body):
        for term in node.terms if isinstance(node, Add) else ():
            sign, read = split_number(term)
            if abs(sign) != 1 or not isinstance(read, Element) or read.array != target:
                continue
            rest = mul(-sign, add(*(other for other in node.terms if other is not term)))
            at = {
                place.index: place_of(index) for place, index in zip(read.places, own, strict=True)
            }
            if rest.arrays and rest.free <= set(at):
                found.add(substitute(rest, at))
    named = Array("prediction", target.sizes)
    return Definition(named, own, found.pop()) if len(found) == 1 else None


def _alongs(body: Expr) -> list[Along]:
    """The functions along an axis inside an expression, whatever element of them is read."""
    alongs = (part for part in parts(body) if isinstance(part, Along))
    return list({(part.function.name, part.body): part for part in alongs}.values())
