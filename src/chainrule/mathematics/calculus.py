"""The rules of calculus that a derivation cites: a formula that can be checked, and the reason."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class CalculusRule:
    """A rule about derivatives of any functions.

    name     as a derivation cites it
    formula  LaTeX, as `chainrule check` reads it
    said     the rule in a few words
    phrase   what stands after "By"; its name where that is empty
    """

    name: str
    formula: str
    said: str
    phrase: str = ""

    @property
    def called(self) -> str:
        return self.phrase or f"the {self.name.replace('-', ' ')}"


# fmt: off
CALCULUS = {rule.name: rule for rule in (
    CalculusRule("sum-rule", r"(f + g)' = f' + g'", "a sum is differentiated term by term"),
    CalculusRule("constant-factor", r"(c f)' = c f'", "a constant factor stays in front",
                 "taking the constant factor out"),
    CalculusRule("product-rule", r"(f g)' = f' g + f g'", "each factor is varied in turn"),
    CalculusRule("quotient-rule", r"\left( \frac{f}{g} \right)' = \frac{f' g - f g'}{g^2}",
                 "a quotient is differentiated above and below"),
    CalculusRule("power-rule", r"(f^n)' = n f^{n - 1} f'", "the exponent comes down"),
    CalculusRule("chain-rule", r"f(g(x))' = f'(g(x)) g'(x)",
                 "what lies in between is summed over"),
    CalculusRule("unknown-function", r"f(x)' = f'(x)",
                 "the derivative of a function of which nothing is known is another such function",
                 "the derivative of an unknown function"),
    CalculusRule("derivative-of-element", r"\frac{\partial x_i}{\partial x_j} = \delta_{ij}",
                 "one entry of an array depends on itself only", "the derivative of an entry"),
    CalculusRule("sum-with-delta", r"\sum_k \delta_{ik} x_k = x_i",
                 "one term of a sum with a delta is left", "the sum over a delta"),
    CalculusRule("gradient-by-entries",
                 r"(\nabla_x x^\top x)_k = \frac{\partial x^\top x}{\partial x_k}",
                 "a gradient is the vector of all derivatives", "taking all entries together"),
    CalculusRule("expectation", r"\mathbb{E}_{i \sim p}[x_i] = \sum_i p_i x_i",
                 "a sum that probabilities weigh is an expectation",
                 "the definition of an expectation"),
    CalculusRule("product-by-entries", r"(A x)_i = \sum_k A_{ik} x_k",
                 "an entry of a matrix product is a sum over the index in between",
                 "the product by entries"),
    CalculusRule("diagonal-and-off-diagonal", r"\sum_k \delta_{ik} \delta_{jk} = \delta_{ij}",
                 "a delta is 1 where its indices agree, else 0",
                 "telling the diagonal from the rest"),
    CalculusRule("declared-fact", r"a (b + c) = a b + a c",
                 "what the document declares of a symbol is put in, and like terms are collected",
                 "what is declared"),
    CalculusRule("collecting", r"a b - a c = a (b - c)", "terms are collected", "collecting terms"),
    CalculusRule("differential-of-product", r"d(A B) = dA B + A dB",
                 "each factor is varied in turn, their order is kept",
                 "the differential of a product"),
    CalculusRule("cyclic-trace", r"\operatorname{tr}(A B) = \operatorname{tr}(B A)",
                 "a factor of a trace may go round", "turning the trace"),
    CalculusRule("trace-of-hadamard",
                 r"\operatorname{tr}(A^\top (B \circ C)) = \operatorname{tr}((A \circ B)^\top C)",
                 "a factor by elements may change sides", "the trace of an element-wise product"),
    CalculusRule("kronecker-and-vec",
                 r"\operatorname{vec}(A X B) = (B^\top \otimes A) \operatorname{vec}(X)",
                 "a matrix between two others, as one long column", "the Kronecker product"),
    CalculusRule("reading-off", r"\frac{\partial \operatorname{tr}(A^\top X)}{\partial X} = A",
                 "where dJ = tr(Gᵀ dX), G is the gradient", "reading the gradient off"),
)}
# fmt: on
