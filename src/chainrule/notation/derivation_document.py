"""A derivation as a document of its own: what is given, the steps, the result."""

from __future__ import annotations

import re
from collections.abc import Iterable

from chainrule.language.expr import Array
from chainrule.language.facts import ONE_HOT, SUMS_TO_ONE, SYMMETRIC, Fact
from chainrule.language.function import Function
from chainrule.language.index import Size
from chainrule.language.passes import functions_in, has_function
from chainrule.language.program import Definition, Program
from chainrule.mathematics.any_function import any_functions_in
from chainrule.mathematics.functions import normal_cdf
from chainrule.notation.capitals import is_capital
from chainrule.notation.derivation_steps import Step
from chainrule.notation.document_style import shape_for
from chainrule.notation.pens import Latex
from chainrule.notation.question import UNNAMED
from chainrule.notation.style import Style
from chainrule.notation.unknown_functions import given_by_name
from chainrule.notation.write import stands_whole, to_latex


def markdown(
    title: str,
    program: Program,
    others: Iterable[Array],
    facts: Iterable[Fact],
    style: Style,
    steps: list[Step],
    results: list[str],
    provided: str = "",
) -> str:
    """The document.

    program  what the steps speak of
    others   arrays that only the results have, such as the vector of a product
    results  closed forms in LaTeX
    provided what they take for granted beside the facts, as a sentence
    """
    program, arguments, called = given_by_name(program, style)
    used = {f for d in program.definitions for f in functions_in(d.body)}
    printed = "".join((*(step.markdown() for step in steps), *results))
    inputs = (*arguments, *program.inputs, *others, *_measured(program, printed))
    unknown = any_functions_in(*(d.body for d in program.definitions))
    parts = [f"# {title}", given(inputs, facts, called), _spoken(used, style), *_any(unknown)]
    named = [d for d in program.definitions if not d.name.startswith(UNNAMED)]
    defined = [d for d in program.definitions if d in named or d.name in style.names]
    parts += [f"$$ {definition(one, style)} $$" for one in defined]
    if steps:
        parts.append("## Steps")
        parts += [step.markdown() for step in steps]
    parts += ["## Result", provided]
    parts += [f"$$ {one} $$" for one in results]
    return "\n\n".join(part for part in parts if part) + "\n"


def _measured(program: Program, printed: str) -> list[Array]:
    """The values whose length is printed and nowhere else to be seen."""
    known = {size for array in program.inputs for size in array.sizes}
    return [
        definition.array
        for definition in program.definitions
        if not definition.name.startswith(UNNAMED)
        and any(
            re.search(rf"(?<![A-Za-z\\_])(?<!_{{){re.escape(size)}(?![A-Za-z_^])", printed)
            for size in set(definition.array.sizes) - known
            if isinstance(size, str)
        )
    ]


def _spoken(functions: set[Function], style: Style) -> str:
    """What a letter stands for that not every document has for the same function."""
    derived = {one for f in functions for one in functions_in(f.derivative)}
    if normal_cdf not in functions | derived:
        return ""
    name = style.latex_function(normal_cdf)
    return f"Here ${name}$ is the standard normal distribution function."


def _any(letters: Iterable[str]) -> list[str]:
    """What is to be said of functions that nothing else is known of."""
    return [f"The function ${one}$ is applied elementwise." for one in sorted(letters)]


def given(inputs: Iterable[Array], facts: Iterable[Fact], style: Style) -> str:
    """Shapes and facts in sentences."""
    stand = "columns" if style.column_vectors else "rows"
    arrays = [array for array in inputs if not array.name.startswith("onehot(")]
    # Where all are numbers, nobody takes them for anything else; but capital letters are matrices.
    arrays = arrays if any(array.sizes or is_capital(array.name) for array in arrays) else []
    shapes = [
        rf"${style.latex_name(a.name)} \in \mathbb{{R}}{shape(a, style)}$" for a in arrays
    ]
    sentences = [f"Vectors are {stand}."] if any(len(a.sizes) == 1 for a in arrays) else []
    if arrays and not style.first:
        sentences.append("Indices start at 0.")
    if shapes:
        sentences.append(f"Let {', '.join(shapes)}.")
    for fact in facts:
        name = style.latex_name(fact.array)
        if fact.kind == ONE_HOT and not fact.array.startswith("onehot("):
            several = any(a.name == fact.array and len(a.sizes) > 1 for a in arrays)
            line = "Each column of" if fact.axis == -2 else "Each row of"
            sentences.append(f"{line if several else 'The vector'} ${name}$ is one-hot.")
        elif fact.kind == SUMS_TO_ONE:
            sentences.append(f"The entries of ${name}$ sum to 1.")
        elif fact.kind == SYMMETRIC:
            sentences.append(f"The matrix ${name}$ is symmetric.")
    return "\n".join(sentences)


def shape(array: Array, style: Style) -> str:
    """`^{M \\times N}`; nothing for a number."""
    if not array.sizes:
        return ""
    sizes = [_size(size) for size in array.sizes]
    if len(sizes) == 1:
        sizes = [*sizes, "1"] if style.is_column(array.name) else ["1", *sizes]
    return "^{" + r" \times ".join(sizes) + "}"


def _size(size: Size) -> str:
    return str(size)


def definition(one: Definition, style: Style) -> str:
    """`h = \\sigma(x W + b)`, or by its entries where only indices can say it."""
    where = shape_for(one.indices, style, one.name)
    if not one.indices and has_function(one.body):
        # A loss is read more easily entry by entry.
        where = None
    whole = stands_whole(one.body, where, style)
    letters = [] if whole else [index.name for index in one.indices]
    left = Latex(style).scripted(one.name, letters).text
    return f"{left} = {to_latex(one.body, style, where)}"
