"""The words and signs of printed mathematics: little more than data.

A LaTeX command is looked up without its backslash; a Unicode character is first turned into its
LaTeX twin, so that `∑` and `\\sum` have one entry.
"""

from __future__ import annotations

import re


def _same(names: str) -> dict[str, str]:
    return {name: name for name in names.split()}


SYMBOLS = {
    **_same(
        "alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu "
        "xi omicron pi varpi rho varrho sigma varsigma tau upsilon phi varphi chi psi omega Gamma "
        "Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega digamma ell partial nabla top bot "
        "emptyset hbar Re Im aleph wp dagger ddagger triangle angle diamond clubsuit downarrow "
        "uparrow updownarrow Downarrow Uparrow nearrow searrow swarrow nwarrow exists nexists neg "
        "complement"
    ),
    "infty": "infinity",
    "intercal": "top",
    "varnothing": "emptyset",
    "imath": "i",
    "jmath": "j",
    "lnot": "neg",
    "dag": "dagger",
    "%": "%",
    "#": "#",
    "$": "$",
    "mathdollar": "$",
}

RELATIONS = {
    "=": "=",
    "<": "<",
    ">": ">",
    "coloneqq": ":=",
    "coloneq": ":=",
    "eqqcolon": "=:",
    "triangleq": ":=",
    "doteq": ":=",
    "equiv": "equiv",
    "approx": "approx",
    "approxeq": "approx",
    "simeq": "approx",
    "cong": "approx",
    "propto": "propto",
    "lt": "<",
    "gt": ">",
    "le": "<=",
    "leq": "<=",
    "leqslant": "<=",
    "leqq": "<=",
    "lesssim": "<=",
    "ge": ">=",
    "geq": ">=",
    "geqslant": ">=",
    "geqq": ">=",
    "gtrsim": ">=",
    "ll": "<<",
    "gg": ">>",
    "ne": "!=",
    "neq": "!=",
    "in": "in",
    "ni": "ni",
    "notin": "notin",
    "subset": "subset",
    "subseteq": "subset",
    "supset": "supset",
    "supseteq": "supset",
    "succ": "succ",
    "succeq": "succ",
    "prec": "prec",
    "preceq": "prec",
    "to": "to",
    "rightarrow": "to",
    "longrightarrow": "to",
    "mapsto": "to",
    "longmapsto": "to",
    "hookrightarrow": "to",
    "gets": "gets",
    "leftarrow": "gets",
    "longleftarrow": "gets",
    "leftrightarrow": "iff",
    "longleftrightarrow": "iff",
    "Rightarrow": "implies",
    "Longrightarrow": "implies",
    "implies": "implies",
    "impliedby": "impliedby",
    "Leftarrow": "impliedby",
    "iff": "iff",
    "Leftrightarrow": "iff",
    "Longleftrightarrow": "iff",
    "leadsto": "leadsto",
    "rightsquigarrow": "leadsto",
    "sim": "sim",
    "perp": "perp",
    "parallel": "parallel",
    "colon": ":",
    "models": "models",
    "vdash": "models",
}

OPERATORS = {
    "cdot": "cdot",
    "bullet": "cdot",
    "centerdot": "cdot",
    "times": "times",
    "odot": "odot",
    "circ": "circ",
    "otimes": "otimes",
    "boxtimes": "otimes",
    "ast": "ast",
    "star": "star",
    "oslash": "oslash",
    "div": "div",
    "oplus": "oplus",
    "ominus": "ominus",
    "cup": "cup",
    "cap": "cap",
    "setminus": "setminus",
    "smallsetminus": "setminus",
    "wedge": "wedge",
    "land": "wedge",
    "vee": "vee",
    "lor": "vee",
    "bmod": "mod",
    "mod": "mod",
}

SIGNS = {"+": "+", "-": "-", "pm": "±", "mp": "∓"}

DOTS = {
    **dict.fromkeys("dots ldots cdots dotsc dotsb dotsm dotsi dotso hdots".split(), "horizontal"),
    "vdots": "vertical",
    "ddots": "diagonal",
    "iddots": "diagonal",
    "adots": "diagonal",
}

ACCENTS = {
    **_same("hat bar tilde dot ddot dddot check breve acute grave vec"),
    "widehat": "hat",
    "widetilde": "tilde",
    "overline": "bar",
    "widebar": "bar",
    "mathring": "ring",
    "overrightarrow": "vec",
}

FONTS = {
    **dict.fromkeys(
        "mathbf boldsymbol bm mathbold pmb textbf bf bfseries mathbfit symbf".split(), "bold"
    ),
    **dict.fromkeys("mathbb mathds Bbb symbb".split(), "blackboard"),
    **dict.fromkeys("mathcal mathscr cal symcal".split(), "calligraphic"),
    **dict.fromkeys("mathfrak frak".split(), "fraktur"),
    **dict.fromkeys(
        "mathrm textrm rm textnormal operatorname text textup mbox hbox".split(), "roman"
    ),
    **dict.fromkeys("mathsf textsf sf".split(), "sans"),
    **dict.fromkeys("mathtt texttt tt".split(), "typewriter"),
    **dict.fromkeys("mathit textit it emph textsl".split(), "italic"),
}
FONT_SWITCHES = frozenset("bf rm cal sf tt it frak bfseries".split())
TEXT_COMMANDS = frozenset(
    "text textrm textnormal mbox hbox textup textbf textit textsf texttt emph textsl".split()
)
NAME_COMMANDS = frozenset("operatorname mathop mathrm mathsf mathtt mathit".split())

SPACES = {
    **dict.fromkeys("quad qquad hfill hfil".split(), "quad"),
    **dict.fromkeys([" ", "space", "nobreakspace", "enspace", ";", "~", "enskip"], "narrow"),
}

BIG_SIGNS = {
    **_same("sum prod coprod int"),
    "iint": "int",
    "iiint": "int",
    "oint": "int",
    "bigcup": "bigcup",
    "bigcap": "bigcap",
    "bigoplus": "bigoplus",
    "bigotimes": "bigotimes",
    "bigodot": "bigodot",
    "bigwedge": "bigwedge",
    "bigvee": "bigvee",
}
BIG_WORDS = frozenset("lim max min sup inf argmax argmin limsup liminf".split())

FUNCTIONS = frozenset(
    "log ln lg exp sin cos tan cot sec csc sinh cosh tanh coth sech arcsin arccos arctan "
    "arctanh artanh arsinh arcosh asin acos atan asinh acosh atanh sgn sign erf erfc sqrt "
    "abs det tr Tr trace diag Diag rank dim ker vec vech softmax Softmax softmin sigmoid "
    "Sigmoid logit relu ReLU Relu RELU LeakyReLU PReLU leakyrelu elu ELU selu SELU gelu "
    "GELU GeLU silu SiLU swish Swish mish Mish softplus Softplus SoftPlus softsign "
    "hardtanh logsumexp LogSumExp LSE lse logsoftmax onehot Tanh Var Cov Corr Pr Re Im "
    "norm conv Conv LayerNorm layernorm BatchNorm batchnorm RMSNorm rmsnorm concat Concat "
    "flatten reshape dropout Dropout Attention attention Bernoulli Categorical Normal "
    "Uniform pool Pool maxpool MaxPool sinc clip round floor ceil span vectorize mean var "
    "cov std gcd argsort deg hom rowsum colsum rowsums colsums rowSum colSum rowSums colSums "
    "rowmean colmean rowmeans colmeans rowMean colMean rowMeans colMeans".split()
)
NAMES = frozenset(
    "CE BCE MSE MAE SSE NLL KL JS CCE RMSE ELBO loss Loss cost Cost const error Error "
    "softargmax MLE MAP LSTM GRU RNN CNN MLP FFN MHA MultiHead head Adam SGD".split()
)
WORDS = FUNCTIONS | NAMES | BIG_WORDS

BRACKETS = {
    "(": ")",
    "[": "]",
    "{": "}",
    "<": ">",
    "⌊": "⌋",
    "⌈": "⌉",
    "|": "|",
    "||": "||",
}
DELIMITERS = {
    "lbrace": "{",
    "rbrace": "}",
    "{": "{",
    "}": "}",
    "lbrack": "[",
    "rbrack": "]",
    "lparen": "(",
    "rparen": ")",
    "langle": "<",
    "rangle": ">",
    "lfloor": "⌊",
    "rfloor": "⌋",
    "lceil": "⌈",
    "rceil": "⌉",
    "lvert": "|",
    "rvert": "|",
    "vert": "|",
    "lVert": "||",
    "rVert": "||",
    "Vert": "||",
    "|": "||",
    "lbrack*": "[",
}

MATRICES = {
    "matrix": "",
    "smallmatrix": "",
    "pmatrix": "()",
    "bmatrix": "[]",
    "Bmatrix": "{}",
    "vmatrix": "||",
    "Vmatrix": "‖‖",
    "array": "",
    "tabular": "",
    "psmallmatrix": "()",
    "bsmallmatrix": "[]",
}
CASES = frozenset("cases dcases rcases numcases".split())
ALIGNMENTS = frozenset(
    "equation align aligned alignat alignedat split gather gathered multline multlined "
    "eqnarray flalign displaymath math dmath subequations darray".split()
)

#: Commands and how many arguments each one takes.
ARGUMENTS = {
    **dict.fromkeys([*ACCENTS, *FONTS], 1),
    **dict.fromkeys(
        "frac dfrac tfrac cfrac nicefrac sfrac stackrel overset underset textcolor".split(), 2
    ),
    **dict.fromkeys("binom dbinom tbinom".split(), 2),
    **dict.fromkeys(
        "sqrt boxed fbox framebox cancel bcancel xcancel underline uline sout phantom".split(), 1
    ),
    **dict.fromkeys(
        "underbrace overbrace underbracket overbracket underparen overparen substack".split(), 1
    ),
    **dict.fromkeys("xrightarrow xleftarrow xRightarrow xmapsto xlongequal".split(), 1),
    **dict.fromkeys(
        "mathop mathbin mathrel mathord mathopen mathclose mathpunct mathinner ensuremath".split(),
        1,
    ),
    **dict.fromkeys("smash llap rlap mathclap mathllap mathrlap".split(), 1),
}
#: Commands whose single argument stands in the formula as if the command were not there.
TRANSPARENT = frozenset(
    "mathbin mathord mathopen mathclose mathpunct mathinner ensuremath smash llap rlap mathclap "
    "mathllap mathrlap".split()
)
WITH_OPTION = frozenset("sqrt xrightarrow xleftarrow xRightarrow xmapsto xlongequal".split())
ARROWS = {
    "xrightarrow": "to",
    "xleftarrow": "gets",
    "xRightarrow": "implies",
    "xmapsto": "to",
    "xlongequal": "=",
}
DECORATIONS = {
    **_same("boxed cancel bcancel xcancel phantom underline"),
    "fbox": "boxed",
    "framebox": "boxed",
    "uline": "underline",
    "sout": "cancel",
    "underbrace": "underbrace",
    "overbrace": "overbrace",
    "underbracket": "underbrace",
    "overbracket": "overbrace",
    "underparen": "underbrace",
    "overparen": "overbrace",
}

#: Commands that print nothing a reader of mathematics needs, and how many raw arguments they
#: swallow.
DROPPED = {
    **dict.fromkeys(
        "displaystyle textstyle scriptstyle scriptscriptstyle limits nolimits nonumber "
        "notag allowbreak nobreak checkmark square blacksquare Box qed qedsymbol relax "
        "mathstrut strut thinspace negthinspace noindent par medspace thickspace "
        "negmedspace negthickspace hline boldmath unboldmath centering "
        "raggedright tiny scriptsize footnotesize small normalsize large Large LARGE huge "
        "Huge bigskip medskip smallskip null newline* , : ! > / @ break normalfont "
        "upshape middle* displaylimits protect".split(),
        0,
    ),
    **dict.fromkeys(
        "vspace vspace* label ref eqref cite color hphantom "
        "vphantom cline intertext* footnote operatornamefont".split(),
        1,
    ),
    "rule": 2,
}
SIZES = frozenset(
    f"{size}{side}" for size in ("big", "Big", "bigg", "Bigg") for side in ("", "l", "r", "m")
)

#: First words that make prose of `\text{word}`; with them starts a condition or a remark, not a
#: name.
CONDITION_WORDS = frozenset(
    "if for when whenever unless provided iff forall assuming given while as s.t such "
    "subject si pour lorsque quand falls wenn für sofern".split()
)
JOINING_WORDS = frozenset(
    "or and where with so then hence thus therefore but since because that thereby "
    "et ou où donc alors und oder mit wobei".split()
)
# Words that people set below a name without \\text: `w_{new}`.
SUBSCRIPTS = frozenset(
    "new old next prev init best opt test train val true pred total final mean avg".split()
)

PROSE_WORDS = (
    CONDITION_WORDS
    | JOINING_WORDS
    | frozenset(
        "otherwise else sinon autrement sonst from by is are in is of on to at be has have we get "
        "finally "
        "generally also here let like not which using use it its the a an this these s.t. "
        "st. i.e. e.g. def. etc. w.r.t. wrt undefined defined shown proven proved derived "
        "qed done similarly likewise namely note recall constant true false".split()
    )
)

# What is spelled below or above a name without `\text`, and is no row of indices.
SUBSCRIPT_WORDS = frozenset(
    "out naive neg pos new old avg max min tot total opt train test val reg pred true hid emb enc "
    "dec model head skip gram cbow sg mean data loss soft hard mle ols lin rec adv".split()
)

_CALLED = re.compile(r"(?:log|ln|exp|tanh|softmax|sigmoid)$")


_NUMBERED = re.compile(r"(?:(?<=log)1p|(?<=expm)1)(?!\w)")


def numbered_word(run: str, following: str) -> str:
    """What belongs to a function behind the letters of its name: the 1p of log1p, 1 of expm1."""
    match = _NUMBERED.match(run + following, len(run)) if run in ("log", "expm") else None
    return match[0] if match else ""


def called_word(run: str, following: str) -> str:
    """The function at the end of a run of letters: the log of `y_ilog(p)`, where it is called."""
    match = _CALLED.search(run)
    called = following.lstrip().startswith(("(", "\\left("))
    return match[0] if match and match.start() in (1, 2) and called else ""
