"""Unicode mathematics and its LaTeX: `∑` is `\\sum`, `x₁` is `x_{1}`, `ŷ` is `\\hat{y}`."""

from __future__ import annotations

import re
import unicodedata

_GREEK = dict(
    zip(
        "αβγδεϵζηθϑικλμνξοπϖρϱσςτυφϕχψωΓΔΘΛΞΠΣΥΦΨΩ",
        "alpha beta gamma delta epsilon epsilon zeta eta theta vartheta iota kappa lambda "
        "mu nu xi omicron pi varpi rho varrho sigma varsigma tau upsilon phi phi chi psi "
        "omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega".split(),
        strict=True,
    )
)
_SIGNS = dict(
    zip(
        "∑∏∫∂∇∆∞∈∉∋⊂⊆⊃⊇≤≥≠≡≈≅≃∝∼×·⋅∙•⊙∘⊗⊘⊕⊖÷∗⋆±∓√→⟶↦←⟵⇒⟹⇐"
        "⇔⟺↔⇝↓↑↗↘∀∃¬∧∨∪∩∅∖⊤⊥∥∣⟨⟩⌊⌋⌈⌉…⋯⋮⋱⋰ℓ′ℏ≪≫≜≔∴∵⊺†★↝⩽⩾µ",
        "sum prod int partial nabla Delta infty in notin ni subset subseteq supset "
        "supseteq leq geq neq equiv approx cong simeq propto sim times cdot cdot cdot "
        "cdot odot circ otimes oslash oplus ominus div ast star pm mp sqrt to to mapsto "
        "gets gets Rightarrow Rightarrow Leftarrow iff iff leftrightarrow leadsto "
        "downarrow uparrow nearrow searrow forall exists neg wedge vee cup cap emptyset "
        "setminus top bot parallel mid langle rangle lfloor rfloor lceil rceil dots cdots "
        "vdots ddots iddots ell prime hbar ll gg triangleq coloneqq therefore because top "
        "dagger star leadsto leq geq mu".split(),
        strict=True,
    )
)
_PLAIN = {
    "−": "-",
    "–": "-",
    "″": "''",
    "‴": "'''",
    "’": "'",
    "‖": "\\|",
    "∕": "/",
    "⁄": "/",
    "✓": "\\checkmark",
    "✔": "\\checkmark",
    "∎": "\\qed",
    "□": "\\qed",
    "■": "\\qed",
    "、": ",",
    "，": ",",
    "（": "(",
    "）": ")",
    "：": ":",
    "；": ";",
    "｛": "\\{",
    "｝": "\\}",
    "＝": "=",
    "½": "\\frac{1}{2}",
    "¼": "\\frac{1}{4}",
    "¾": "\\frac{3}{4}",
    "ı": "i",
    "ȷ": "j",
    "⟦": "[",
    "⟧": "]",
}
_INVISIBLE = "\u200b\u200c\u200d\u2060\u2061\u2062\u2063\u2064\ufeff\ufe0e\ufe0f"
LATEX = {
    **dict.fromkeys(_INVISIBLE, " "),
    **{sign: f"\\{name} " for sign, name in (_GREEK | _SIGNS).items()},
}
LATEX |= _PLAIN

SUPERSCRIPTS = dict(
    zip(
        "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱᵀᵗʲᵏˡᵐᵃᵇᶜᵈᵉᵒᵖʳˢᵘᵛˣʸᶻᶠᵍʰʷᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵁⱽᵂ",
        "0123456789+-=()niTtjklmabcdeoprsuvxyzfghwABDEGHIJKLMNOPRUVW",
        strict=True,
    )
)
SUBSCRIPTS = dict(
    zip("₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", "0123456789+-=()aehijklmnoprstuvx", strict=True)
)
_ACCENTS = {
    "\u0300": "grave",
    "\u0301": "acute",
    "\u0302": "hat",
    "\u0303": "tilde",
    "\u0304": "bar",
    "\u0305": "bar",
    "\u0306": "breve",
    "\u0307": "dot",
    "\u0308": "ddot",
    "\u030c": "check",
    "\u20d7": "vec",
}
# A small x above these stands between two sizes: ℝⁿˣᵈ.
_SPACES = ("ℝ", "R")
# What stands below a letter in plain text: `n_out`, as ＿ says where it is not LaTeX.
_WORD = re.compile(r"[A-Za-z0-9]+")
_FONTS = (
    ("DOUBLE-STRUCK", "mathbb"),
    ("BOLD SCRIPT", "mathcal"),
    ("SCRIPT", "mathcal"),
    ("BOLD FRAKTUR", "mathfrak"),
    ("FRAKTUR", "mathfrak"),
    ("BLACK-LETTER", "mathfrak"),
    ("BOLD", "mathbf"),
    ("MONOSPACE", "mathtt"),
    ("SANS-SERIF", "mathsf"),
)
_CIRCLED = {chr(0x2460 + number): str(number + 1) for number in range(20)} | {
    chr(0x24D0 + letter): chr(ord("a") + letter) for letter in range(26)
}


def twin(text: str, position: int) -> tuple[str, int]:
    """The LaTeX for the characters at `position`, and where they end; "" where there is none."""
    character = text[position]
    for table, sign in ((SUPERSCRIPTS, "^"), (SUBSCRIPTS, "_")):
        if character in table:
            end = position
            while end < len(text) and text[end] in table:
                end += 1
            scripts = "".join(table[one] for one in text[position:end])
            if text[max(0, position - 1) : position] in _SPACES:
                scripts = scripts.replace("x", "\\times ")
            return f"{sign}{{{scripts}}}", end
    if character == "＿" and (word := _WORD.match(text, position + 1)) is not None:
        return f"_{{{word[0]}}}", word.end()
    marks = _marks(text, position + 1)
    if character in LATEX and not marks:
        return LATEX[character], position + 1
    if character in _CIRCLED:
        return f"\\textcircled{{{_CIRCLED[character]}}}", position + 1
    return _letter(character, marks), position + 1 + len(marks)


def _marks(text: str, position: int) -> str:
    end = position
    while end < len(text) and end < position + 4 and text[end] in _ACCENTS:
        end += 1
    return text[position:end]


def _letter(character: str, marks: str) -> str:
    """A letter in a mathematical font or under accents, of which the last is outermost."""
    base, *inner = unicodedata.normalize("NFD", character)
    latex = LATEX.get(base) or _styled(base)
    for mark in [*inner, *marks]:
        if mark not in _ACCENTS:
            return ""
        latex = f"\\{_ACCENTS[mark]}{{{latex}}}"
    return latex if inner or marks or latex != character else ""


def _styled(character: str) -> str:
    plain = unicodedata.normalize("NFKC", character)
    if len(plain) != 1 or plain == character:
        return character
    plain = LATEX.get(plain, plain)
    name = unicodedata.name(character, "")
    return next((f"\\{font}{{{plain}}}" for word, font in _FONTS if word in name), plain)
