"""Calls: f(x), f'(x), f_i(x), f(x)_i, of known functions and of the document's own."""

from __future__ import annotations

from dataclasses import replace

from chainrule.language.algebra import (
    along,
    apply,
    delta,
    element,
    substitute,
)
from chainrule.language.expr import Element
from chainrule.language.function import Function
from chainrule.language.index import fresh, place_of
from chainrule.language.inline import Lambda, elements, inline, instantiate
from chainrule.mathematics.any_function import any_function
from chainrule.mathematics.functions import FUNCTIONS, function_named, log
from chainrule.notation import tree
from chainrule.notation.ellipsis import vector
from chainrule.notation.extremes import extreme
from chainrule.notation.heads import mentions
from chainrule.notation.inverse import known_inverse
from chainrule.notation.known_costs import is_known_cost, known_cost
from chainrule.notation.leibniz import HIGHEST, slope_at
from chainrule.notation.logarithms import logarithm, printed_base
from chainrule.notation.matrix_calculus import (
    DIAGONALS,
    LINES,
    MATRIX_WORDS,
    matrix_word,
    over_lines,
)
from chainrule.notation.misread import Misread
from chainrule.notation.name_marks import braced
from chainrule.notation.names import Name, named
from chainrule.notation.primes import POINT, abstract_call, is_abstract, mentions_alone
from chainrule.notation.reductions import free_marks
from chainrule.notation.scope import DocumentFunction
from chainrule.notation.scripts import letter, plain, subscripts
from chainrule.notation.through_names import at_arguments, with_names_at
from chainrule.notation.tree import Node
from chainrule.notation.unknown_functions import is_called
from chainrule.notation.value import Value
from chainrule.notation.whole_cost import COSTS
from chainrule.transform.differentiate import differentiate

# Deeper calls than this are a document's function that uses itself.
DEEPEST_CALL = 12
# Letters for functions, where nothing says otherwise.
_FUNCTION_LETTERS = set("fghks")


def call(meaning, factor: Node, arguments: tuple[Node, ...], bracket: Node) -> Value | None:
    """f(x), f'(x), f_i(x), f(x)_i, f^2(x); None where the factor is no function."""
    base = factor.base if isinstance(factor, tree.Script) else factor
    text = letter(base)
    if text is None:
        return None
    alone = text in meaning.primed or text in meaning.scope.usage.spoken
    if alone and any(mentions_alone(one, text) for one in arguments):
        # σ' = σ(1 − σ): a product of values, not a call.
        return None
    primes = factor.primes if isinstance(factor, tree.Script) else 0
    if (value := _over_letter(meaning, factor, text, arguments)) is not None:
        return meaning.rescripted(value, bracket) if isinstance(bracket, tree.Script) else value
    if len(arguments) == 1 and (inverse := known_inverse(meaning, text, factor)) is not None:
        value = _applied(meaning, inverse, arguments[0], 0, factor)
        return meaning.rescripted(value, bracket) if isinstance(bracket, tree.Script) else value
    value = called_value(meaning, factor, text, primes, arguments)
    if value is None:
        return None
    if isinstance(factor, tree.Script) and _scripts_belong_to_value(meaning, factor, text):
        sub = None if text == "log" and printed_base(factor) else factor.sub
        value = meaning.rescripted(value, tree.Script(base, sub, factor.sup, 0))
    if isinstance(bracket, tree.Script):
        value = meaning.rescripted(value, bracket)
    return value


def _scripts_belong_to_value(meaning, factor: tree.Script, text: str) -> bool:
    if _function_key(meaning.scope, factor, text) not in (None, text):
        return False
    return text in meaning.scope.functions or known_record(meaning, text) is not None


def takes_braces(meaning, factor: Node) -> bool:
    """Whether a function's argument may stand in braces: `max\\{0, x\\}`, `exp\\{-x\\}`."""
    text = letter(factor)
    return text in ("max", "min") or (text is not None and known_record(meaning, text) is not None)


def known_record(meaning, text: str) -> Function | None:
    """The record a name stands for, unless the document gave the name a meaning of its own."""
    scope = meaning.scope
    if text in scope.functions or text in scope.definitions or text in meaning.bindings:
        return None
    if text in scope.usage.spoken:
        return FUNCTIONS[scope.usage.spoken[text]]
    if text == "\\sigma":
        return FUNCTIONS["sigmoid"]
    if text in scope.usage.listed | scope.usage.activations:
        return any_function(text)
    return function_named(text) if len(text) > 1 else None


def called_value(meaning, factor: Node, text: str, primes: int, arguments) -> Value | None:
    scope = meaning.scope
    if text in MATRIX_WORDS and len(arguments) == 1:
        return matrix_word(meaning, text, arguments[0])
    if text in DIAGONALS and text not in scope.functions:
        return meaning.algebra.diagonal(vector(meaning, arguments, factor))
    if text in LINES and text not in scope.functions and len(arguments) == 1:
        return over_lines(meaning, text, arguments[0])
    if text in ("col", "row") and len(arguments) == 1:
        return _line_of_matrix(meaning, factor, text, arguments[0])
    if text == "onehot" and len(arguments) == 1:
        return _one_hot(meaning, factor, arguments[0])
    if text in ("max", "min") and text not in scope.functions:
        return extreme(meaning, text, arguments)
    key = _function_key(scope, factor, text)
    if text in scope.opaque and key is None:
        raise Misread(factor, f"the definition of {text} was not understood")
    if key is not None:
        # A function that stands for its value elsewhere is in doubt as that value is.
        meaning.doubts |= {key, key.removesuffix("()")} & scope.opaque
        return document_call(meaning, scope.functions[key], primes, arguments, factor)
    if (record := known_record(meaning, text)) is not None:
        if record.axis and len(arguments) > 1 and not primes:
            return _along(meaning, record, vector(meaning, arguments, factor), 0, factor)
        if len(arguments) != 1:
            raise Misread(factor)
        if record is log and primes == 0 and (product := _product_inside(arguments[0])):
            each = replace(product, kind="sum", body=tree.Apply(factor, product.body))
            return meaning.value(each)
        if text == "log" and primes == 0:
            return logarithm(meaning, factor, _applied(meaning, record, arguments[0], 0, factor))
        return _applied(meaning, record, arguments[0], primes, factor)
    if is_known_cost(text, len(arguments)):
        return known_cost(meaning, text, *map(meaning.value, arguments))
    if len(arguments) == 1 and is_abstract(meaning, text):
        return abstract_call(meaning, text, primes, arguments[0])
    return _dependent(meaning, factor, arguments)


def _product_inside(argument: Node) -> tree.Big | None:
    """∏ as the whole argument, as in log ∏_i p_i, the sum of the logarithms."""
    if isinstance(argument, tree.Group):
        argument = argument.body
    return argument if isinstance(argument, tree.Big) and argument.kind == "prod" else None


def _function_key(scope, factor: Node, text: str) -> str | None:
    """The document's function meant: with its name scripts, as L_{CE}, or without."""
    if isinstance(factor, tree.Script) and factor.sub is not None:
        marks = ",".join(plain(mark) for mark in subscripts(factor.sub))
        longer = f"{text}_{braced(marks)}"
        if longer in scope.functions:
            return longer
    own, other = scope.functions.get(text), scope.functions.get(text.swapcase())
    if len(text) == 1 and other is not None and other.index is not None:
        # S(x)_i where s(x)_i is known, and S at most at one value, as in S(c x) = ….
        if own is None and text not in scope.symbols:
            return other.name
        if own is not None and None in own.parameters and None not in other.parameters:
            return other.name
    return text if own is not None else None


def _line_of_matrix(meaning, factor: Node, text: str, argument: Node) -> Value:
    """col_i(M), row_i(M): a column as a column, a row as a row."""
    if not isinstance(factor, tree.Script) or factor.sub is None:
        raise Misread(factor)
    value = meaning.algebra.renamed(meaning.value(argument))
    if len(value.indices) != 2:
        raise Misread(argument)
    down, across = value.indices
    line = across if text == "col" else down
    place = meaning.place(factor.sub, line.size)
    kept = Value(substitute(value.expr, {line: place}), (down if text == "col" else across,))
    return meaning.algebra.resolved(kept.standing(text == "col"))


def _one_hot(meaning, factor: Node, argument: Node) -> Value:
    """onehot_m(y): 1 at the place of the class y, of length m."""
    text = letter(argument)
    if text is None:
        raise Misread(argument)
    index = meaning.index(text)
    if isinstance(factor, tree.Script) and factor.sub is not None:
        meaning.same(index.size, meaning.size(factor.sub), factor)
    index = meaning.index(text)
    axis = fresh(index.size)
    return Value(delta(axis, index), (axis,))


def _dependent(meaning, factor: Node, arguments: tuple[Node, ...]) -> Value | None:
    """`h(x)` where h is an array: the bracket only says what h depends on."""
    names = [letter(argument) for argument in arguments]
    base = factor.base if isinstance(factor, tree.Script) else factor
    if isinstance(base, tree.Group):
        return None
    _refuse_unknown_function(meaning, base, arguments)
    if names == [None]:
        return _at_another_place(meaning, base, arguments[0], factor)
    if None in names:
        return None
    known = meaning.scope
    if not all(
        known.symbols[name].sizes if name in known.symbols else known.ranks.get(name)
        for name in names
    ):
        return None
    if not _is_known(meaning, factor, letter(base)):
        raise Misread(factor, f"{plain(factor)} may be a function that is nowhere defined")
    if letter(base) in known.definitions and not known.inputs(letter(base)).issuperset(
        name for name in names if name in known.definitions
    ):
        raise Misread(factor, f"{plain(factor)} at another place")
    return meaning.value(factor) if is_called(meaning, letter(base)) else None


def _refuse_unknown_function(meaning, base: Node, arguments: tuple[Node, ...]) -> None:
    """`s(W x + b)`, where s stands before brackets only: hardly a factor of a vector."""
    text, scope = letter(base), meaning.scope
    if text not in _FUNCTION_LETTERS & scope.usage.only_called or len(arguments) != 1:
        return
    known = scope.is_known(text) or scope.is_declared(text) or text in meaning.bindings
    if not known and meaning.value(arguments[0]).indices:
        raise Misread(base, f"{text} may be a function that is nowhere defined")


def _at_another_place(meaning, base: Node, argument: Node, node: Node) -> Value | None:
    """`S(2 x)`, where S is a value that depends on x and `S(x)` is printed, too."""
    text, scope = letter(base), meaning.scope
    if node is not base or text not in scope.definitions:
        return None
    variables = {variable for name, variable in scope.dependences if name == text}
    if len(variables) != 1 or not variables <= scope.inputs(text) - {text}:
        return None
    (variable,) = variables
    value = meaning.value(argument)
    if variable not in {array.name for array in elements(value.expr)}:
        return None
    return at_arguments(meaning, scope.value(text), {variable: value}, node)


def _is_known(meaning, factor: Node, text: str) -> bool:
    """Whether a name in front of a bracket has axes, a meaning or a stated shape."""
    scope = meaning.scope
    name = named(factor, scope.usage)
    texts = {text} if name is None else {text, name.text}
    return any(
        one in scope.definitions
        or one in meaning.bindings
        or (one in scope.symbols and (scope.symbols[one].declared or scope.symbols[one].sizes))
        or scope.ranks.get(one)
        for one in texts
    )


def _applied(meaning, record: Function, argument: Node, primes: int, node: Node) -> Value:
    value = meaning.value(argument)
    if record.axis:
        return _along(meaning, record, value, primes, node)
    if primes > HIGHEST:
        raise Misread(node)
    if primes < 2:
        result = apply(record, value.expr)
        return Value(instantiate(record.derivative, result) if primes else result, value.axes)
    slope = apply(record, element(POINT))
    for _ in range(primes):
        slope = differentiate(slope, element(POINT))
    return Value(inline(slope, {POINT.name: Lambda((), value.expr)}), value.axes)


def _along(meaning, record: Function, value: Value, primes: int, node: Node) -> Value:
    if primes:
        raise Misread(node)
    if value.is_scalar:
        return _component(meaning, record, value, node)
    if value.is_stacked:
        raise Misread(node)
    value = meaning.algebra.renamed(value)
    columns = meaning.scope.batch_in_columns
    index = value.indices[0 if columns else -1]
    if record.axis == "over":
        # Of a matrix one number for each row, one below the other, or for each column.
        others = (None, value.indices[-1]) if columns else (value.indices[0], None)
        axes = others if len(value.indices) > 1 else ()
        return Value(along(record, index, value.expr, None), axes)
    inner = fresh(index.size)
    body = substitute(value.expr, {index: place_of(inner)})
    return Value(along(record, inner, body, index), value.axes)


def _over_letter(meaning, factor: Node, text: str, arguments) -> Value | None:
    """`logsumexp_j(W_{ij})`, `softmax_j(W_{ij})_k`: over the letter below; None for elements."""
    record = known_record(meaning, text)
    if record is None or not record.axis or len(arguments) != 1:
        return None
    mark = letter(factor.sub) if isinstance(factor, tree.Script) and factor.sub else None
    if mark is None or factor.sup is not None or mark not in free_marks(arguments[0]):
        return None
    saved = meaning.letters
    meaning.letters = {**saved, mark: fresh(meaning.scope.sizes.unknown())}
    try:
        value = meaning.algebra.resolved(meaning.value(arguments[0]))
        index = meaning.index(mark)
    finally:
        meaning.letters = saved
    if not value.is_scalar or index not in value.expr.free:
        raise Misread(factor)
    if record.axis == "over":
        return Value(along(record, index, value.expr, None), ())
    axis = fresh(index.size)
    return Value(along(record, index, value.expr, axis), (axis,))


def _component(meaning, record: Function, value: Value, node: Node) -> Value:
    """softmax(x_i) and exp(o_k) / … in components: the element i of softmax(x)."""
    found = value.expr
    if not isinstance(found, Element) or len(found.places) != 1 or record.axis != "along":
        raise Misread(node)
    inner = fresh(found.array.sizes[0])
    meaning.supposed.append(f"{record.name} of an element means that element of {record.name}")
    return Value(along(record, inner, Element(found.array, (place_of(inner),)), found.places[0]))


def document_call(meaning, function: DocumentFunction, primes: int, arguments, node) -> Value:
    """A function of the document: its body with the arguments in place of the parameters."""
    if meaning.depth >= DEEPEST_CALL:
        raise Misread(node)
    if 0 < len(arguments) < len(function.arguments) and not primes:
        # `J(w)` of what was given as `J(w, b)`.
        left = iter(function.arguments)
        if all(any(one == known for known in left) for one in arguments):
            return body_value(meaning, function, {})
    if len(arguments) != len(function.parameters):
        raise Misread(node)
    if primes:
        if len(arguments) != 1:
            raise Misread(node)
        return slope_at(meaning, function, meaning.value(arguments[0]), node, primes)
    if arguments == function.arguments:
        return body_value(meaning, function, {})
    if None in function.parameters:
        raise Misread(node)
    values = [meaning.value(argument) for argument in arguments]
    bindings = dict(zip(function.parameters, values, strict=True))
    value = body_value(meaning, function, bindings)
    usage = meaning.scope.usage
    unprinted = {name for name in bindings if not mentions(function.body, name, usage)}
    return with_names_at(meaning, value, bindings, node, unprinted)


def has_value(function: DocumentFunction, name: Name) -> bool:
    """Whether a function is a value without an argument: a cost of a class, or after J(w); f_i,
    after f(x)."""
    own = function.index is None and None not in function.parameters
    cost = own and not name.places and name.text.partition("_")[0] in COSTS
    return not function.parameters or cost or (len(name.places) == 1 and own)


def body_value(meaning, function: DocumentFunction, bindings: dict[str, Value]) -> Value:
    """The body of a document's function, with its own index letters."""
    saved = meaning.bindings, meaning.letters
    meaning.bindings = {**meaning.bindings, **bindings}
    meaning.depth += 1
    try:
        if function.index is None:
            return meaning.value(function.body)
        meaning.letters = {k: v for k, v in saved[1].items() if k != function.index}
        value = meaning.algebra.resolved(meaning.value(function.body))
        if not value.is_scalar:
            raise Misread(function.body)
        index = meaning.index(function.index)
        axis = fresh(index.size)
        return Value(substitute(value.expr, {index: place_of(axis)}), (axis,))
    finally:
        meaning.bindings, meaning.letters = saved
        meaning.depth -= 1
