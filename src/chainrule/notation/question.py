"""What a derivative is asked of, and by what: names, elements and expressions in a document."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from chainrule.errors import (
    BadOption,
    ChainruleError,
    NoLoss,
    Place,
    UnknownSymbol,
    UnreadFormula,
)
from chainrule.language.algebra import substitute
from chainrule.language.expr import Array
from chainrule.language.facts import ONE_HOT, Fact
from chainrule.language.index import Index, place_of, resized
from chainrule.language.program import Definition, Program
from chainrule.language.sizes import is_unknown
from chainrule.mathematics.functions import FUNCTIONS
from chainrule.notation import tree
from chainrule.notation.document import Document, read_document
from chainrule.notation.likeliest import first_value
from chainrule.notation.loss import find_loss
from chainrule.notation.names import named
from chainrule.notation.not_read import not_read
from chainrule.notation.plain import is_plain, read_plain
from chainrule.notation.presumed import presumed
from chainrule.notation.primes import UNKNOWN
from chainrule.notation.reading import Reading, read_reading
from chainrule.notation.scope import LETTERS
from chainrule.notation.scripts import letter
from chainrule.notation.style import COLUMNS, Style
from chainrule.notation.syntax import parsed
from chainrule.notation.unknown_functions import with_unknown_functions
from chainrule.notation.write import to_latex
from chainrule.transform.simplify import shortened

# The word in front of the number of a value that the document gives no name.
UNNAMED = "value"
SIZE_NAMES = ("N", "M", "K", "P", "Q", "R", "S", "N'", "M'")
# The name of an expression that is asked for: folded into no result.
EXPRESSION = f"{UNNAMED} asked for"
# What a document is called that has nothing but an expression.
ALONE = "expression"


@dataclass(frozen=True)
class Target:
    """An array or an element of it: `W_1`, `W_{1,jk}` or `p_2`.

    name     of the array in the program
    letters  the printed places, letters or numbers; empty for the whole array
    """

    name: str
    letters: tuple[str, ...] = ()

    @property
    def is_numbered(self) -> bool:
        """Whether a place is a number."""
        return any(map(str.isdigit, self.letters))


@dataclass(frozen=True)
class Question:
    """A program, what is differentiated, by what, and what may be taken for granted.

    class_target  the one-hot array that stands for the number of a class
    assumed       sentences for people
    columns       how the vectors stand where the document does not say
    """

    program: Program
    of: Target
    by: tuple[Target, ...]
    facts: tuple[Fact, ...]
    class_target: Array | None = None
    assumed: tuple[str, ...] = ()

    @property
    def definition(self) -> Definition:
        return self.program.definition(self.of.name)

    def with_free_variables(self) -> Question:
        """The same where what is differentiated by is not bound to its definition.

        A gradient is taken at one point, where Σ(X − μ) is 0 for a mean μ; a second derivative
        asks what it is beside that point.

        raises  BadOption where one variable is made of another
        """
        names = {target.name for target in self.by} - {self.of.name}
        bound = names & self.program.by_name.keys()
        if not bound:
            return self
        for name in sorted(bound):
            made = self.program.needed(name)
            known = {*made.by_name, *(array.name for array in made.inputs)} - {name}
            if known & names:
                raise BadOption(
                    f"{name} depends on {min(known & names)}: each would have two meanings",
                    remedy="ask for second derivatives by one of them at a time",
                )
        free = tuple(d for d in self.program.definitions if d.name not in bound)
        return replace(self, program=Program(free))

    @property
    def variables(self) -> tuple[Target, ...]:
        """What may vary where nothing is said: all inputs but a target that is declared one."""
        fixed = {fact.array for fact in self.facts}
        inputs = self.program.needed(self.of.name).inputs
        return tuple(Target(array.name) for array in inputs if array.name not in fixed)


def read_question(reading: Reading, of: str, by: Sequence[str]) -> Question:
    """What is asked, found in a document.

    of, by   as people print them: J, W_1, w^{(1)}, \\hat{y}, h_j; `of` may be an expression
    raises   UnknownSymbol, UnreadFormula, NoLoss
    """
    assumed: list[str] = []
    target = _target(of, reading)
    known = {*reading.scope.archive, *reading.scope.functions}
    # An element by its number is one number, of which everything can be asked.
    number = target is not None and target.letters and all(map(str.isdigit, target.letters))
    if target is not None and reading.document.name == ALONE:
        # A letter by itself is as good an expression as any.
        target = target if target.name in known else None
    if target is None or number or (target.letters and target.name not in known):
        program, target = _with_expression(reading, of)
        facts, one_hot = sorted(reading.scope.facts), None
    else:
        program, facts, one_hot = _program_for(reading, target.name, assumed)
        if target.name not in program.by_name:
            target = Target(reading.scope.loss)
    names = [found.name for one in by if (found := _target(one, reading)) is not None]
    inputs = {array.name for array in program.needed(target.name).inputs}
    _check_read(reading, inputs & reading.scope.opaque - set(names), of)
    program = with_unknown_functions(program, reading.scope, names)
    arrays = set(program.by_name) | {array.name for array in program.inputs}
    variables = tuple(_variable(one, reading, arrays, of) for one in by)
    program = with_named_sizes(program)
    program = Program(tuple(replace(d, body=shortened(d.body)) for d in program.definitions))
    return Question(program, target, variables, tuple(facts), one_hot, tuple(assumed))


def _check_read(reading: Reading, inputs: set[str], of: str) -> None:
    """Raises UnreadFormula where what is asked for needs a name whose formula was not read: it is
    no constant."""
    if (found := not_read(reading, inputs) if inputs else None) is not None:
        name, place = found
        raise _unread(f"{of} depends on {name}, of which the formula is not understood", place)


def _unread(message: str, place: Place) -> UnreadFormula:
    remedy = "state the shapes of what stands there, or write it with indices"
    return UnreadFormula(message, places=[place], remedy=remedy)


def _target(text: str, reading: Reading) -> Target | None:
    """The array or element that a spelling names; None for an expression.

    `theta`, `\\theta` and `θ` are one.
    """
    scope = reading.scope
    known = {*scope.symbols, *scope.archive, *scope.functions}
    if text in known:
        return Target(text)
    candidates = []
    for spelling in (text, f"\\{text}"):
        try:
            (statement,) = parsed(reading.document, spelling)
        except (ChainruleError, ValueError):
            continue
        node = statement.chain
        name = None if isinstance(node, tree.Chain) else named(node, scope.usage)
        if name is not None and name.power is None and not name.transpose and not name.primes:
            letters = tuple(map(_printed_place, name.places))
            candidates.append(Target(name.text, letters))
    found = [one for one in candidates if one.name in known and "" not in one.letters]
    return next(iter(found or candidates), None)


def _printed_place(node: tree.Node) -> str:
    """The letter or number of a place; empty for any other."""
    if isinstance(node, tree.Number) and node.text.isdigit():
        return node.text
    return letter(node) or ""


def symbol_name(text: str, reading: Reading) -> str:
    """The name that a user's spelling means, or the spelling where it is no name."""
    found = _target(text, reading)
    known = {*reading.scope.symbols, *reading.scope.archive, *reading.scope.functions}
    return found.name if found and not found.letters and found.name in known else text


def _variable(text: str, reading: Reading, known: set[str], of: str) -> Target:
    target = _target(text, reading)
    if target is not None and target.name in known:
        return target
    unknown = sorted(name.partition(UNKNOWN)[0] for name in known if UNKNOWN in name)
    if unknown:
        raise UnknownSymbol(
            f"{of} cannot be derived by {text}: {unknown[0]} is no function that is known",
            remedy=f"define it, as in --given '{unknown[0]}(x) = x^2'",
        )
    place = "there is" if reading.document.name == ALONE else "the document has"
    raise UnknownSymbol(
        f"{of} cannot be derived by {text}: {place} no such symbol",
        remedy=f"ask for one of {', '.join(sorted(n for n in known if n != EXPRESSION))}",
    )


def _with_expression(reading: Reading, text: str) -> tuple[Program, Target]:
    """The document's program with the expression as its last definition."""
    program, loose = as_printed(reading, text)
    *known, last = program.definitions
    body = shortened(last.body)
    letters = tuple(index.name for index in last.indices) if loose else ()
    last = Definition(last.array, last.indices, body)
    return Program((*known, last)), Target(EXPRESSION, letters)


def as_printed(reading: Reading, text: str) -> tuple[Program, bool]:
    """The document's program with the expression as it is printed as its last definition.

    returns  the program, and whether indices are printed that no sum binds
    """
    scope = reading.scope.copy()
    statements = parsed(reading.document, text)
    node = statements[0].chain if len(statements) == 1 else tree.Empty()
    value = None
    if not isinstance(node, tree.Chain):
        value = first_value(scope, lambda meaning: meaning.value(node), closed=False)
    if value is None:
        raise UnreadFormula(
            f"{text} is not understood as a number, vector or matrix",
            places=[read_document(f"${text}$", "expression").place(1, 1 + len(text))],
            remedy="write it as in a formula of a document, and shapes in --given",
        )
    value = scope.algebra.resolved(value)
    own = value.indices
    loose = sorted(
        value.expr.free - set(own), key=lambda index: (text.find(index.name), index.name)
    )
    taken = {index.name for index in loose}
    letters = iter([one for one in LETTERS if one not in taken])
    axes = (*loose, *(Index(next(letters), index.size) for index in own))
    images = zip((*loose, *own), map(place_of, axes), strict=True)
    body = substitute(value.expr, dict(images))
    array = Array(EXPRESSION, tuple(index.size for index in axes))
    known = scope.program(archived=True).definitions
    return Program((*known, Definition(array, axes, body))), bool(loose)


def _program_for(reading: Reading, wanted: str, assumed: list[str]):
    """(program, facts, one-hot target) that define what is asked for, or else the loss."""
    scope = reading.scope
    program, facts, target = scope.program(archived=True), sorted(scope.facts), None
    if wanted not in (*program.by_name, scope.loss):
        if (found := not_read(reading, {wanted})) is not None:
            raise _unread(f"the formula for {wanted} is not understood", found[1])
    try:
        loss = find_loss(reading)
    except NoLoss:
        if wanted not in program.by_name:
            raise
        return program, facts, target
    merged = {d.name: d for d in (*program.definitions, *loss.program.definitions)}
    program = Program(tuple(merged.values()))
    if wanted in (loss.name,) or wanted not in program.by_name:
        assumed.extend(loss.assumed)
        target = loss.target
        if target is not None:
            facts.append(Fact(ONE_HOT, target.name, scope.class_axis(target.name)))
    if wanted not in program.by_name:
        printed = wanted in scope.usage.alone or wanted in scope.symbols
        if not printed or scope.symbol(wanted).sizes:
            raise UnknownSymbol(
                f"{wanted} is not defined in {reading.document.name}",
                remedy=f"ask for one of {', '.join(program.by_name)}",
            )
        assumed.append(f"{wanted} is nowhere defined; it is taken to be the loss {loss.name}")
    return program, facts, target


def with_named_sizes(program: Program) -> Program:
    """Letters for the sizes that nothing names."""
    sizes = [
        s for d in program.definitions for s in sorted(d.body.names | set(d.array.sizes), key=str)
    ]
    arrays = [d.array for d in program.definitions] + list(program.inputs)
    taken = {array.name for array in arrays} | {str(size) for size in sizes}
    letters = iter([one for one in SIZE_NAMES if one not in taken])
    unknown = dict.fromkeys(size for size in sizes if is_unknown(size))
    given = {size: next(letters, size) for size in unknown}
    found = []
    for definition in program.definitions:
        array = Array(definition.name, tuple(given.get(s, s) for s in definition.array.sizes))
        indices = tuple(resized(index, given) for index in definition.indices)
        found.append(Definition(array, indices, substitute(definition.body, {}, given)))
    return Program(tuple(found))


# Expressions without a document -------------------------------------------------------------------

# Words that only programs put before a bracket, and the power of programs.
_PROGRAM = re.compile(r"(?<![\\A-Za-z])(?:sum|mean)\s*\(|\*\*")
# Names that LaTeX would take for a letter below a word, and how formulas spell them.
_SPELLED = {
    name: next(one for one in record.spellings if one.isalpha())
    for name, record in FUNCTIONS.items()
    if "_" in name and any(map(str.isalpha, record.spellings))
}
_UNDERSCORED = re.compile(rf"(?<![\\\w])({'|'.join(_SPELLED)})(?=\s*\()")
_PLAIN = re.compile(r"(?<![\\A-Za-z])(sum|prod|max|min)(?=_)")


def expression_reading(text: str, given: str = "") -> Reading:
    """A document that has nothing but an expression, and what is given beside it.

    given    what a document would say first: shapes, facts, definitions; without dollar signs
             formulas, or facts as they are printed: `y one-hot`

    >>> expression_reading("A x", r"Let $x \\in \\mathbb{R}^n$.").scope.symbols["x"].sizes
    ('n',)
    >>> expression_reading("y", r"y \\in \\mathbb{R}^n, y one-hot").scope.facts
    {Fact(kind='one-hot', array='y', axis=-1, value='')}
    """
    if "$" not in given:
        given = " ".join(map(_sentence, _facts_of(given)))
    if re.search(r"\\Phi(?:\(|\\left)", text) and "Phi" not in given:
        # The letter that results are printed with.
        given = f"{given} Here $\\Phi$ is the standard normal distribution function."
    given = f"{given} {presumed(latex_of(text), given)}".strip()
    document: Document = read_document(f"{given}\n\n$${latex_of(text)}$$\n", ALONE)
    return read_reading(document)


# Commas between facts, not those in places and sets: in A_{i,j} and {0, 1}.
_SEPARATORS = re.compile(r"[,;](?![^{}()\[\]]*[}\])])(?=\s)")
_LONE = re.compile(r"\\?[A-Za-z]+(?:_(?:\w|\{\w+\}))?")
_FACTS = {
    re.compile(r"(.+?) (?:is |are )?one-hot"): "Let ${}$ be one-hot.",
    re.compile(r"(.+?) sums? to 1|sum\((.+?)\) ?= ?1"): "The entries of ${}$ sum to 1.",
    re.compile(r"(.+?) (?:is )?symmetric"): "Let ${}$ be symmetric.",
}


def _facts_of(given: str) -> list[str]:
    """The facts between commas; the x of `x, a \\in \\mathbb{R}^n` is no fact by itself."""
    found, names = [], ""
    for part in filter(str.strip, _SEPARATORS.split(given)):
        if _LONE.fullmatch(part.strip()):
            names += f"{part.strip()}, "
        else:
            found.append(f"{names}{part.strip()}")
            names = ""
    return [*found, *filter(None, [names.rstrip(", ")])]


def _sentence(part: str) -> str:
    """What a document would say: `y one-hot`, `sum(y) = 1` and formulas in a sentence."""
    part = part.strip()
    for fact, sentence in _FACTS.items():
        if found := fact.fullmatch(part):
            return sentence.format(next(filter(None, found.groups())))
    return f"Let ${part}$." if re.search(r"[\\=<>^_]", part) else part


def latex_of(text: str) -> str:
    """An expression as typed at a terminal, with the signs of LaTeX: `sum_k` is `\\sum_k`.

    What is typed as in a program, as `log(sum(exp(x)))`, is a sum over all elements there.

    raises  UnreadFormula

    >>> latex_of("log(sum(exp(x)))")
    '\\\\log\\\\left( \\\\sum_{i} e^{x_i} \\\\right)'
    """
    text = _UNDERSCORED.sub(lambda found: _SPELLED[found[1]], text)
    if _PROGRAM.search(text):
        if not is_plain(text):
            raise UnreadFormula(
                f"{text} is half a program and half a formula",
                remedy=r"write log(sum(exp(x))), or LaTeX: \log \sum_i e^{x_i}",
            )
        return to_latex(read_plain(text), Style(COLUMNS))
    return _PLAIN.sub(r"\\\1", text)
