"""Gradients of a document's loss or values, written in the document's own notation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from chainrule.errors import ChainruleError, NoLoss, UnknownSymbol
from chainrule.language.facts import ONE_HOT, Fact
from chainrule.language.index import Index
from chainrule.language.inline import Lambda, inline
from chainrule.language.program import Definition, Program
from chainrule.notation import tree
from chainrule.notation.loss import CLASSES, find_loss
from chainrule.notation.names import named
from chainrule.notation.reading import Reading
from chainrule.notation.style import Style
from chainrule.notation.syntax import parse_formula
from chainrule.notation.write import to_latex, to_text
from chainrule.transform.reverse import Gradients, adjoint_name, reverse
from chainrule.transform.values import name_values

# The word in front of the number of a value that the document gives no name.
UNNAMED = "value"


@dataclass(frozen=True)
class Derivation:
    """The gradients of one scalar by several variables, in closed form.

    of         the name as asked for; `gradients.of` is the definition it stands for
    by         names of the variables, in the order asked for
    gradients  the reverse sweep, with every adjoint
    assumed    sentences for people
    """

    of: str
    by: tuple[str, ...]
    gradients: Gradients
    style: Style
    assumed: tuple[str, ...] = ()

    def _closed(self, variable: str) -> tuple[Definition, tuple[Index | None, Index | None]]:
        definition = self.gradients.closed(variable)
        unnamed = {d.name: d.meaning for d in self._unnamed()}
        body = inline(definition.body, unnamed)
        shape = shape_for(definition.indices, self.style, variable)
        return Definition(definition.array, definition.indices, body), shape

    def _unnamed(self) -> list[Definition]:
        """The values that only the sweep gave a name to, in the document's terms."""
        found: dict[str, Lambda] = {}
        for definition in self.gradients.forward.definitions:
            if definition.name.startswith(f"{UNNAMED} "):
                body = inline(definition.body, found)
                found[definition.name] = Lambda(definition.indices, body)
        forward = self.gradients.forward
        return [replace(forward.by_name[n], body=one.body) for n, one in found.items()]

    def latex(self, variable: str) -> str:
        """`\\frac{\\partial J}{\\partial W} = …`"""
        definition, shape = self._closed(variable)
        right = to_latex(definition.body, self.style, shape)
        left = self.style.latex_name(variable)
        return rf"\frac{{\partial {self.style.latex_name(self.of)}}}{{\partial {left}}} = {right}"

    def text(self, variable: str) -> str:
        """`∂J/∂W = …` on one line."""
        definition, shape = self._closed(variable)
        right = to_text(definition.body, self.style, shape)
        return f"∂{self.style.text_name(self.of)}/∂{self.style.text_name(variable)} = {right}"

    @property
    def facts(self) -> tuple[str, ...]:
        return tuple(str(fact) for fact in self.gradients.facts)

    def steps(self) -> list[dict]:
        """The adjoints one after the other, each in terms of those before it."""
        named_ = {adjoint_name(self.gradients.of, d): d for d in self.gradients.forward.by_name}
        style = _with_adjoints(self.style, self.gradients, self.of)
        found = []
        for definition in self.gradients.backward.definitions:
            variable = named_.get(definition.name, definition.name.split("/∂", 1)[1])
            if variable.startswith(f"{UNNAMED} "):
                continue
            shape = shape_for(definition.indices, style, variable)
            found.append(
                {
                    "name": style.text_name(definition.name),
                    "latex": rf"{style.latex_name(definition.name)} = "
                    + to_latex(definition.body, style, shape),
                    "text": f"{style.text_name(definition.name)} = "
                    + to_text(definition.body, style, shape),
                }
            )
        return found

    def as_json(self) -> dict:
        """The object of `--format json`; for several variables the strings are lists."""
        several = len(self.by) > 1
        latex, text = [self.latex(v) for v in self.by], [self.text(v) for v in self.by]
        return {
            "of": self.of,
            "by": list(self.by) if several else self.by[0],
            "latex": latex if several else latex[0],
            "text": text if several else text[0],
            "facts": list(self.facts),
            "steps": self.steps(),
            "assumed": list(self.assumed),
        }

    def _repr_latex_(self) -> str:
        rows = r" \\ ".join(self.latex(variable).replace("=", "&=", 1) for variable in self.by)
        return rf"$$\begin{{aligned}} {rows} \end{{aligned}}$$"


def shape_for(indices: tuple[Index, ...], style: Style, name: str):
    """How an array with these indices stands on the page."""
    if len(indices) == 2:
        return indices
    if len(indices) == 1:
        return (indices[0], None) if style.is_column(name) else (None, indices[0])
    return (None, None)


def derive(reading: Reading, of: str, by: Sequence[str]) -> Derivation:
    """The gradients of `of` by each of `by`, from one reverse sweep over the document's program.

    of, by   names as the document prints them: J, W_1, w^{(1)}, \\hat{y}
    raises   UnknownSymbol, NotDifferentiable, NoLoss
    """
    wanted, assumed = symbol_name(of, reading), []
    program, facts, target = _program_for(reading, wanted, assumed)
    name = wanted if wanted in program.by_name else reading.scope.loss
    known = set(program.by_name) | {array.name for array in program.inputs}
    names = [_known(symbol_name(one, reading), known, name) for one in by]
    gradients = reverse(name_values(program, UNNAMED), name, names, facts)
    style = style_of(reading, target)
    return Derivation(wanted, tuple(names), gradients, style, tuple(assumed))


def _program_for(reading: Reading, wanted: str, assumed: list[str]):
    """(program, facts, one-hot target) that define what is asked for, or else the loss."""
    scope = reading.scope
    program, facts, target = scope.program(archived=True), sorted(scope.facts), None
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
            facts.append(Fact(ONE_HOT, target.name))
    if wanted not in program.by_name:
        printed = wanted in scope.usage.alone or wanted in scope.symbols
        if not printed or scope.symbol(wanted).sizes:
            raise UnknownSymbol(
                f"{wanted} is not defined in {reading.document.name}",
                remedy=f"ask for one of {', '.join(program.by_name)}",
            )
        assumed.append(f"{wanted} is nowhere defined; it is taken to be the loss {loss.name}")
    return program, facts, target


def _known(name: str, known: set[str], of: str) -> str:
    if name not in known:
        raise UnknownSymbol(
            f"{of} cannot be derived by {name}: the document has no such symbol",
            remedy=f"ask for one of {', '.join(sorted(known))}",
        )
    return name


def symbol_name(text: str, reading: Reading) -> str:
    """The name that a user's spelling means: `theta`, `\\theta` and `θ` are one."""
    scope = reading.scope
    known = {*scope.symbols, *scope.archive, *scope.functions}
    if text in known:
        return text
    for candidate in (text, f"\\{text}"):
        try:
            (statement,) = parse_formula(candidate, 0, reading.document.macros)
        except (ChainruleError, ValueError):
            continue
        node = statement.chain
        name = None if isinstance(node, tree.Chain) else named(node, scope.usage)
        if name is not None and not name.places and name.text in known:
            return name.text
    return text


def style_of(reading: Reading, target=None) -> Style:
    """The document's own notation: rows or columns, ∘ or ⊙, ^T or ^⊤, letters of its sizes."""
    scope, text = reading.scope, reading.document.text
    names = {}
    if target is not None:
        label = target.name.removeprefix(f"{CLASSES}(").removesuffix(")")
        names[target.name] = (rf"\operatorname{{onehot}}({label})", f"onehot({label})")
    stand = {
        name: "column" if symbol.axes[1] is None else "row"
        for name, symbol in scope.symbols.items()
        if len(symbol.axes) == 2 and len(symbol.sizes) == 1
    }
    return Style(
        layout=scope.layout or "rows",
        hadamard=r"\odot" if text.count(r"\odot") > text.count(r"\circ") else r"\circ",
        transpose="T" if "^T" in text or "^{T}" in text else r"\top",
        names=names,
        orientation=stand,
    )


def _with_adjoints(style: Style, gradients: Gradients, of: str) -> Style:
    """The style with a printed name for each adjoint."""
    names = dict(style.names)
    for definition in gradients.backward.definitions:
        variable = definition.name.split("/∂", 1)[1]
        names[definition.name] = (
            rf"\frac{{\partial {style.latex_name(of)}}}{{\partial {style.latex_name(variable)}}}",
            f"∂{style.text_name(of)}/∂{style.text_name(variable)}",
        )
    return replace(style, names=names)
