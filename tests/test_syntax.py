"""The syntax of formulas: every notation has a line in a table, and no input whatever raises."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chainrule.notation.macros import read_macros
from chainrule.notation.syntax import parse_formula
from chainrule.notation.tree import Script, Symbol, Text, children, show, unread, walk

EXPRESSIONS = {
    # names and numbers
    "x": "x",
    "0.5": "0.5",
    "1e-5": "1e-5",
    r"\theta": "theta",
    r"\mathbf{W}": "bold:W",
    r"\boldsymbol\theta": "bold:theta",
    r"\mathbb{R}": "blackboard:R",
    r"\mathcal{L}": "calligraphic:L",
    r"\mathrm{d}x": "(product roman:d x)",
    r"\vec{x}": "vector:x",
    r"\mathbf{1}": "bold:1",
    r"{\bf x} y": "(product bold:x y)",
    "softmax(x)": "(product softmax (group () x))",
    r"\text{softmax}(x)": "(product roman:softmax (group () x))",
    r"\operatorname{ReLU}(x)": "(product roman:ReLU (group () x))",
    r"\text{input-size}": "roman:input-size",
    "hW": "(product h W)",
    "CE(y)": "(product CE (group () y))",
    "ABC": "(product A B C)",
    "ABC(x)": "(product ABC (group () x))",
    r"\%": "%",
    # accents
    r"\hat y": "(hat y)",
    r"\hat{y}": "(hat y)",
    "ŷ": "(hat y)",
    "y\u0302": "(hat y)",
    r"\overline{x}": "(bar x)",
    r"\tilde{\mathbf{x}}": "(tilde bold:x)",
    r"\vec{AB}": "(vec (product A B))",
    # scripts
    "x_i^2": "(script x _i ^2)",
    "x^2_i": "(script x _i ^2)",
    "x_{ij}": "(script x _(product i j))",
    "w_{k,j}": "(script w _(list k , j))",
    "w_{k,:}": "(script w _(list k , :))",
    "w_{1:n}": "(script w _(chain 1 : n))",
    r"w_{j\cdot}": r"(script w _(product j cdot))",
    "w_{kj}^{(2)}": "(script w _(product k j) ^(group () 2))",
    "w^{(2)T}": "(script w ^(product (group () 2) T))",
    r"h^{S^T}": "(script h ^(script S ^T))",
    r"x^\top": "(script x ^top)",
    r"{w^{(2)}}^T": "(script (script w ^(group () 2)) ^T)",
    "f'": "(script f ')",
    "f''_i": "(script f _i '')",
    r"f^{\prime}": "(script f ')",
    "x₁²": "(script x _1 ^2)",
    "A⁻¹": "(script A ^(sum - 1))",
    "e^-x": "(script e ^(sum - x))",
    "x^+": "(script x ^+)",
    r"\theta^*": "(script theta ^ast)",
    "{}^T x": "(product (script () ^T) x)",
    "n!": "(apply factorial n)",
    r"d_{\text{in}}": "(script d _roman:in)",
    "1_{[y_i = 1]}": "(script 1 _(group [] (chain (script y _i) = 1)))",
    r"\frac12": "(frac 1 2)",
    r"\frac 0.5": "(product (frac 0 (unread '.')) 5)",
    r"x^\frac12": "(script x ^(frac 1 2))",
    # brackets
    "f(x, y)": "(product f (group () (list x , y)))",
    "f(x)_i": "(product f (script (group () x) _i))",
    r"\left\{ a \right\}^T": "(script (group {} a) ^T)",
    r"\bigl[ a \bigr]": "(group [] a)",
    "[0, 1)": "(group [) (list 0 , 1))",
    "|x|": "(group || x)",
    r"2\|x\|_2^2": "(product 2 (script (group |||| x) _2 ^2))",
    "||x||": "(group |||| x)",
    r"\langle u, v \rangle": "(group <> (list u , v))",
    r"\lfloor x \rfloor": "(group ⌊⌋ x)",
    "(a; b)": "(group () (list a ; b))",
    r"[0 \ 1 \ -2]": r"(group [] (list 0 \quad 1 \quad (sum - 2)))",
    r"(-a \quad \cdots \quad b)": r"(group () (list (sum - a) \quad ... \quad b))",
    r"[x_1, \dots, x_N]": "(group [] (list (script x _1) , ... , (script x _N)))",
    r"\sigma'(\cdot)": "(product (script sigma ') (group () cdot))",
    "p(Y=k | X)": "(product p (group () (given (chain Y = k) X)))",
    r"p(y \mid x, z)": "(product p (group () (given y (list x , z))))",
    "p(x, y=1)": "(product p (group () (list x , (chain y = 1))))",
    r"p \| q": "(list p || q)",
    "f(|x|) - |y|": "(sum + (product f (group () (group || x))) - (group || y))",
    "f(x)|_{x=0}": "(script (group .| (product f (group () x))) _(chain x = 0))",
    r"\left. f \right|_{a}": "(script (group .| f) _a)",
    # fractions, roots, slashes
    r"\dfrac{a}{b}": "(frac a b)",
    r"{a \over b}": "(frac a b)",
    r"\sqrt x": "(root x)",
    r"\sqrt[3]{x}": "(root x 3)",
    "a/b": "(/ a b)",
    "2x/3y": "(product 2 (/ x 3) y)",
    "f(x)/g(x)": "(/ (product f (group () x)) (product g (group () x)))",
    r"\partial f/\partial x_i": "(/ (product partial f) (product partial (script x _i)))",
    "dL/dx": "(/ (product d L) (product d x))",
    "a/b/c": "(/ (/ a b) c)",
    # products and sums
    "-a + b": "(sum - a + b)",
    r"a \pm b": "(sum + a ± b)",
    r"a \cdot -b": r"(product a \cdot (sum - b))",
    r"A B \circ C": r"(product A B \circ C)",
    r"A \odot B \otimes C \times D": r"(product A \odot B \otimes C \times D)",
    r"{a + b} c": "(sum + a + (product b c))",
    r"v_1 + \dots + v_N": "(sum + (script v _1) + ... + (script v _N))",
    r"a\,b\;c\!d": "(product a b c d)",
    # big operators
    r"\sum_{i=1}^n x_i y_i + b": (
        "(sum + (big sum _(chain i = 1) ^n (product (script x _i) (script y _i))) + b)"
    ),
    r"\sum\limits_i x_i": "(big sum _i (script x _i))",
    r"\sum_{i,j=1}^n": "(big sum _(chain (list i , j) = 1) ^n ())",
    r"\sum_i -c_i x_i": "(big sum _i (sum - (product (script c _i) (script x _i))))",
    r"\prod_k p_k^{y_k}": "(big prod _k (script p _k ^(script y _k)))",
    r"\max_j x_j": "(big max _j (script x _j))",
    r"\max x_i": "(big max (script x _i))",
    r"\max(0, x)": "(product max (group () (list 0 , x)))",
    r"x_{\max}": "(script x _max)",
    r"\underset{\theta}{\operatorname{argmin}} L": "(big argmin _theta L)",
    r"\operatorname*{arg\,max}_x f(x)": "(big argmax _x (product f (group () x)))",
    r"\arg\min_x f": "(big argmin _x f)",
    r"\lim_{m \to \infty} a_m": "(big lim _(chain m to infinity) (script a _m))",
    # words without brackets
    r"\log x": "(apply log x)",
    r"\log(x)": "(product log (group () x))",
    r"\log x y + z": "(sum + (apply log (product x y)) + z)",
    r"\tanh^2 x": "(apply (script tanh ^2) x)",
    r"\log\exp x": "(apply log (apply exp x))",
    r"\log x \log y": "(product (apply log x) (apply log y))",
    r"\log x \cdot y": r"(product (apply log x) \cdot y)",
    r"\log\sum_i e^{x_i}": "(apply log (big sum _i (script e ^(script x _i))))",
    r"\log \sigma_i(x)": "(apply log (product (script sigma _i) (group () x)))",
    r"\log \text{softmax}(o)_i": ("(apply log (product roman:softmax (script (group () o) _i)))"),
    r"\exp -x": "(apply exp (sum - x))",
    # matrices and cases
    r"\begin{bmatrix} 1 & 2 \\ 3 & \end{bmatrix}": "(matrix[] [1 2] [3 ()])",
    r"\left( \begin{array}{cc} a & b \end{array} \right)": "(matrix() [a b])",
    r"\begin{pmatrix} \vdots & \ddots \end{pmatrix}^T": r"(script (matrix() [:.. \..]) ^T)",
    r"\begin{cases} x & \text{if } x > 0, \\ 0 & \text{otherwise} \end{cases}": (
        '(cases [x if (chain x > 0)] [0 if "otherwise"])'
    ),
    r"\begin{cases} 1 & x > 0 \\ 0 \end{cases}": "(cases [1 if (chain x > 0)] [0 if -])",
    r"\left\{ \begin{array}{l} 1 \quad a \\ 2 \end{array} \right.": "(cases [1 if a] [2 if -])",
    # decorations
    r"\underbrace{A x}_{m \times 1}": r"(underbrace (product A x) note:(product m \times 1))",
    r"\overbrace{a}^{\text{a b}}": '(overbrace a note:"a b")',
    r"\cancel{x} + \boxed{y}": "(sum + (cancel x) + (boxed y))",
    r"\textcolor{red}{x} + {\color{blue} y}": "(sum + x + y)",
    r"\underbrace{a}_{\substack{1 \\ 2}}": "(underbrace a note:(matrix [1] [2]))",
    # relations inside
    r"(0 \rightarrow 1)": "(group () (chain 0 to 1))",
    r"\mathbb{E}_{x \sim p}[x]": ("(product (script blackboard:E _(chain x sim p)) (group [] x))"),
    # Unicode
    "∑ᵢ xᵢ": "(big sum _i (script x _i))",
    "∂L⁄∂θ": "(/ (product partial L) (product partial theta))",
    "𝐖 ⊙ ∇": r"(product bold:W \odot nabla)",
    "ℝⁿ": "(script blackboard:R ^n)",
    "√x · ∞": r"(product (root x) \cdot infinity)",
    # not understood
    r"x \unknown y": r"(product x (unread '\\unknown') y)",
    "2 + a ) b": "(sum + 2 + (product a (unread ')') b))",
    "(a + b": "(group ( (sum + a + b))",
}

STATEMENTS = {
    # chains and relations
    "a = b = c": ["(statement (chain a = b = c))"],
    "= b": ["(statement (chain () = b))"],
    "a =": ["(statement (chain a = ()))"],
    r"a \le b < c \ne d": ["(statement (chain a <= b < c != d))"],
    "a <= b -> c := d": ["(statement (chain a <= b to c := d))"],
    r"a \not= b \not\in C": ["(statement (chain a != b notin C))"],
    r"W : D \times H": [r"(statement (chain W : (product D \times H)))"],
    r"f: \mathbb{R} \to \mathbb{R}": ["(statement (chain f : blackboard:R to blackboard:R))"],
    r"a \stackrel{\text{chain rule}}{=} b": ['(statement (chain a ={"chain rule"} b))'],
    r"a \overset{k=j}{:=} b": ["(statement (chain a :={(chain k = j)} b))"],
    r"a \xrightarrow{k \ne j} b": ["(statement (chain a to{(chain k != j)} b))"],
    r"w \leftarrow w - \eta g": ["(statement (chain w gets (sum + w - (product eta g))))"],
    r"x, y \in A": ["(statement (chain (list x , y) in A))"],
    r"i = 1, \dots, n": ["(statement (chain i = (list 1 , ... , n)))"],
    r"x_1, \dots, x_n > 0": ["(statement (chain (list (script x _1) , ... , (script x _n)) > 0))"],
    "W_1, b_1": ["(statement (list (script W _1) , (script b _1)))"],
    # several statements
    "a = b, c = d": ["(statement (chain a = b))", "(statement (chain c = d))"],
    r"a = b \quad c = d": ["(statement (chain a = b))", "(statement (chain c = d))"],
    r"a = b \quad \text{or} \quad c = d": [
        "(statement (chain a = b))",
        '(statement (chain c = d) note:"or")',
    ],
    r"a = b \Rightarrow c = d": ["(statement (chain a = b))", "(implied (chain c = d))"],
    r"\therefore a = b": ["(implied (chain a = b))"],
    r"\rightarrow a = b": ["(implied (chain a = b))"],
    r"a \quad = b": ["(statement (chain a = b))"],
    # notes
    r"\text{Finally, } a = b": ['(statement (chain a = b) note:"Finally, ")'],
    r"a = b \quad (\text{proven by induction})": [
        '(statement (chain a = b) note:"proven by induction")'
    ],
    r"a = b \quad (\text{Derived})": ['(statement (chain a = b) note:"Derived")'],
    r"a = b \quad (\text{where } b = c)": [
        "(statement (chain a = b))",
        '(statement (chain b = c) note:"where ")',
    ],
    r"a = b \rightarrow \text{from part one}": ['(statement (chain a = b) note:"from part one")'],
    r"\text{Let } a = b. \text{ Then } c = d": [
        '(statement (chain a = b) note:"Let ")',
        '(statement (chain c = d) note:" Then ")',
    ],
    r"c = \text{const.}": ['(statement (chain c = "const."))'],
    r"\text{number of units} = 3": ['(statement (chain "number of units" = 3))'],
    r"a \text{ by symmetry} = b": ['(statement (chain a = b) note:" by symmetry")'],
    # conditions
    r"a = b \quad \text{if } i = j": ["(statement (chain a = b) if:(chain i = j))"],
    r"a = b \quad i \ne j": ["(statement (chain a = b) if:(chain i != j))"],
    r"a = b \quad \forall c \in A": ["(statement (chain a = b) if:(chain c in A))"],
    r"a_i = b, \quad i = 1, \dots, n": [
        "(statement (chain (script a _i) = b) if:(chain i = (list 1 , ... , n)))"
    ],
    r"\text{if } x > 0 \text{ then } y = 1": [
        '(statement (chain y = 1) if:(chain x > 0) note:" then ")'
    ],
    r"\min_x f \quad \text{s.t. } x = 0": ["(statement (big min _x f) if:(chain x = 0))"],
    r"\text{if } i = j = -x": ["(statement (chain () = (sum - x)) if:(chain i = j))"],
    r"a = b \text{ for $i \neq j$}": ["(statement (chain a = b) if:(chain i != j))"],
    # labels
    r"a = b \quad (1)": ["(statement (chain a = b) label:1)"],
    r"a = b \tag{4a}": ["(statement (chain a = b) label:4a)"],
    r"(a) \quad x = y": ["(statement (chain x = y) label:a)"],
    "q) x = y": ["(statement (chain x = y) label:q)"],
    r"\text{j) } x = y": ["(statement (chain x = y) label:j)"],
    r"2. \quad x = y": ["(statement (chain x = y) label:2)"],
    "① x = y": ["(statement (chain x = y) label:1)"],
    "(39)": ["(statement () label:39)"],
    r"a = b. \checkmark": ["(statement (chain a = b))"],
    # alignments
    r"\begin{aligned} a &= b \\ &= c \end{aligned}": ["(statement (chain a = b = c))"],
    r"\begin{align*} a &= b \\ c &= d \end{align*}": [
        "(statement (chain a = b))",
        "(statement (chain c = d))",
    ],
    r"\begin{align} a &= b & c &= d \\ &= e & &= f \end{align}": [
        "(statement (chain a = b = e))",
        "(statement (chain c = d = f))",
    ],
    r"\begin{align} a &= b \\ &\quad + c \\ &\cdot d \end{align}": [
        r"(statement (chain a = (sum + b + (product c \cdot d))))"
    ],
    r"\begin{align} a &= b \\ -c &= d \end{align}": [
        "(statement (chain a = b))",
        "(statement (chain (sum - c) = d))",
    ],
    r"\begin{align} a = {}& b \\ & c \end{align}": ["(statement (chain a = (product b c)))"],
    r"\begin{align} a &= \left( b \right. \\ &\quad \left. + c \right) \end{align}": [
        "(statement (chain a = (group () (sum + b + c))))"
    ],
    r"\begin{align} a &= (b \\ c &= d \end{align}": [
        "(statement (chain a = (group ( b)))",
        "(statement (chain c = d))",
    ],
    r"\begin{align} a &= b && \text{by parts} \\ &= c \tag{2} \end{align}": [
        '(statement (chain a = b = c) label:2 note:"by parts")'
    ],
    r"\begin{eqnarray} a &=& b \\ &=& c \end{eqnarray}": ["(statement (chain a = b = c))"],
    r"\begin{array}{rcl} a & = & b \end{array}": ["(statement (chain a = b))"],
    r"\begin{gather} a = b \\ c = d \end{gather}": [
        "(statement (chain a = b))",
        "(statement (chain c = d))",
    ],
    r"a = b \\ = c": ["(statement (chain a = b = c))"],
    r"\boxed{\begin{aligned} a &= b \\ c &= d \end{aligned}}": [
        "(statement (chain a = b))",
        "(statement (chain c = d))",
    ],
    r"= \boxed{a = b}": ["(statement (chain () = a = b))"],
    "": [],
}


@pytest.mark.parametrize("latex", [r"a *_\ b", "a *_b", r"a *_{\text{full}}"])
def test_a_star_with_a_mark_may_end_a_formula(latex):
    show(parse_formula(latex)[0])


def shown(latex: str) -> list[str]:
    return [show(statement) for statement in parse_formula(latex)]


@pytest.mark.parametrize(("latex", "expected"), EXPRESSIONS.items())
def test_expression(latex, expected):
    assert [show(statement.chain) for statement in parse_formula(latex)] == [expected]


@pytest.mark.parametrize(("latex", "expected"), STATEMENTS.items())
def test_statements(latex, expected):
    assert shown(latex) == expected


def test_equality_ignores_spans_and_layout():
    (one,), (other,) = parse_formula("x_i + 1"), parse_formula(r"x_{i} \, + 1", 70)
    assert one == other
    assert hash(one) == hash(other)


def test_every_symbol_has_the_span_of_its_own_print():
    text = "Let $x$ be. $\\hat{y}_i = \\sigma(W_1 x) + ŷ \\text{where } \\log z$"
    start = text.index("\\hat")
    statements = parse_formula(text[start:-1], start)
    nodes = [node for statement in statements for node in walk(statement)]
    printed = {show(node): text[node.start : node.end] for node in nodes}
    assert printed["(script (hat y) _i)"] == r"\hat{y}_i"
    assert printed["sigma"] == r"\sigma"
    assert printed["(group () (product (script W _1) x))"] == "(W_1 x)"
    assert printed["(hat y)"] == "ŷ"
    assert printed["(apply log z)"] == r"\log z"
    assert printed['"where "'] == r"\text{where }"


def test_a_chain_member_covers_the_source_between_its_relations():
    latex = r"a = \frac{b}{c} \cdot (d + e) = \sum_i f_i"
    members = parse_formula(latex, 100)[0].chain.members
    sources = [latex[member.start - 100 : member.end - 100] for member in members]
    assert sources == ["a", r"\frac{b}{c} \cdot (d + e)", r"\sum_i f_i"]


def test_macros_have_the_span_of_their_call():
    macros = read_macros(r"\newcommand{\pd}[2]{\frac{\partial #1}{\partial #2}} \def\vw{\mathbf w}")
    latex = r"2 \pd{f}{x} + \vw"
    (statement,) = parse_formula(latex, 0, macros)
    assert show(statement.chain) == (
        "(sum + (product 2 (frac (product partial f) (product partial x))) + bold:w)"
    )
    spans = {show(node): latex[node.start : node.end] for node in walk(statement)}
    assert spans["bold:w"] == r"\vw"
    assert spans["(frac (product partial f) (product partial x))"] == r"\pd{f}{x}"
    assert spans["f"] == "f"


@pytest.mark.parametrize(
    ("definition", "call", "expected"),
    [
        (
            r"\newcommand{\d}[2][x]{#1_{#2}}",
            r"\d{i} \d[y]{j}",
            "(product (script x _i) (script y _j))",
        ),
        (r"\DeclareMathOperator*{\best}{arg\,max}", r"\best_x f", "(big argmax _x f)"),
        (r"\let\eps=\varepsilon", r"\eps", "varepsilon"),
        (r"\newcommand{\a}{\b}\newcommand{\b}{c}", r"\a", "c"),
        (r"\newcommand\R{ℝ}", r"\R", "blackboard:R"),
    ],
)
def test_definitions(definition, call, expected):
    (statement,) = parse_formula(call, 0, read_macros(definition))
    assert show(statement.chain) == expected
    (statement,) = parse_formula(definition + call)
    assert show(statement.chain) == expected


def test_a_macro_without_end_stays_a_command():
    for definition in (r"\def\a{\a\a}", r"\newcommand{\a}[1]{\a{#1#1}}", r"\def\a{\b}\def\b{\a}"):
        statements = parse_formula(r"\a{x}", 0, read_macros(definition))
        assert any(unread(statement) for statement in statements)


def test_words_are_a_parameter():
    assert shown("foo(x)") == ["(statement (product f o o (group () x)))"]
    (statement,) = parse_formula("foo(x)", words=frozenset(["foo"]))
    assert show(statement.chain) == "(product foo (group () x))"


def test_walk_and_children_go_in_the_order_of_print():
    node = Script(Symbol("x"), Symbol("i"), Symbol("T"))
    assert children(node) == (Symbol("x"), Symbol("i"), Symbol("T"))
    assert [show(one) for one in walk(node)][1:] == ["x", "i", "T"]
    assert unread(node) == []
    assert show(Text("so")) == '"so"'


def test_what_is_nested_too_deep_is_left_unread():
    for opening, closing in (
        ("(", ")"),
        (r"\frac{", "}{y}"),
        ("x^{", "}"),
        (r"\hat", ""),
        ("{", "}"),
    ):
        (statement,) = parse_formula(opening * 200 + "x" + closing * 200)
        show(statement)
        assert statement == statement
        if opening != "{":
            assert unread(statement)


@pytest.mark.parametrize(
    "piece",
    [
        "(",
        ")",
        "{",
        "}",
        "x^",
        "_",
        "a/",
        "!x",
        r"\sum",
        r"\log",
        "-",
        r"\cdot-",
        "|",
        r"\left(",
        r"\begin{align}",
        "a&=",
        r"a\\",
        r"a\quad ",
        "a,",
        "=",
        r"\text{a} ",
        r"\sqrt[",
        "x|_",
        "x'",
        r"\frac",
        r"\over ",
        r"\mathrm{",
        r"\not",
        "ŷ",
        r"\begin{cases}",
        r"\Rightarrow a",
        "a:",
    ],
)
def test_a_long_repetition_is_read(piece):
    for statement in parse_formula(piece * 2000):
        show(statement)


FRAGMENTS = r"""
\frac \left( \right. \begin{aligned} \end{aligned} \\ & { } ^ _ | \text{ $ % \sum \log \hat \sqrt
[ ] \begin{bmatrix} \end{bmatrix} ' \quad , = \tag{1} : / . ~ \newcommand{\a}{ #1 \underset
\def\b#1{ \stackrel{ \boxed{ \middle| \big \bf \color \not \Rightarrow \to \substack \over \mathrm{
! d
"""
PIECES = st.sampled_from([*EXPRESSIONS, *STATEMENTS, *FRAGMENTS.split()])


def check(latex: str) -> None:
    offset = 11
    for statement in parse_formula(latex, offset):
        for node in walk(statement):
            assert offset <= node.start <= node.end <= offset + len(latex)
        show(statement)


@given(st.text(max_size=60))
def test_any_text_is_read(text):
    check(text)


@settings(max_examples=300)
@given(st.lists(PIECES, max_size=12), st.integers(0, 40), st.integers(0, 40))
def test_any_shuffle_of_latex_is_read(pieces, first, last):
    text = " ".join(pieces)
    check(text[first : len(text) - last])


@given(st.text(alphabet=r"\{}[]()^_&|$%ab1+-=,'/ .!:~" + "ŷ∑₁²\n", max_size=80))
def test_any_run_of_signs_is_read(text):
    check(text)
