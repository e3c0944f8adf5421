"""Claims that are no equations: each kind with true and false twins, and what is left alone.

A case is a text and the verdicts expected, in order, of the claims that are not equations.
"""

import pytest

from chainrule.checker.claims.catalogue import claims
from chainrule.notation.document import read_document
from chainrule.notation.reading import read_reading


def verdicts(text):
    document = read_document(text, "text")
    found, _ = claims(document, read_reading(document))
    return [one.verdict for one in sorted(found, key=lambda one: one.start)]


PROPERTIES = [
    ("The softmax function is invariant to translation.", ["holds"]),
    ("Softmax is shift-invariant.", ["holds"]),
    ("Softmax is not invariant under adding a constant.", ["wrong"]),
    ("The sigmoid is invariant under translation.", ["wrong"]),
    ("We can say that softmax is not invariant under scaling.", ["holds"]),
    ("Softmax is invariant under multiplication.", ["wrong"]),
    ("The sigmoid function is always positive.", ["holds"]),
    ("tanh is positive.", ["wrong"]),
    ("ReLU is non-negative, and it is convex.", ["holds"]),
    ("ReLU is concave.", ["wrong"]),
    ("The softplus is non-convex.", ["wrong"]),
    ("Logsumexp is convex.", ["holds"]),
    ("The sigmoid is not convex.", ["holds"]),
    ("ReLU is bounded.", ["wrong"]),
    ("tanh is bounded.", ["holds"]),
    ("The outputs of softmax sum to one.", ["holds"]),
    ("The outputs of sigmoid sum to one.", ["not-checked"]),
    ("Softmax turns any vector $x$ into a probability distribution.", ["holds"]),
    ("tanh is zero-centered, unlike the sigmoid.", ["holds"]),
    ("The sigmoid is zero-centered, unlike tanh.", ["wrong"]),
    ("tanh is an odd function.", ["holds"]),
    ("The sigmoid is odd.", ["wrong"]),
    ("The sigmoid is never zero.", ["holds"]),
    ("ReLU is never zero.", ["wrong"]),
    ("ReLU is not differentiable at 0.", ["holds"]),
    ("Softplus is not differentiable at zero.", ["wrong"]),
    ("The derivative of tanh is never negative.", ["holds"]),
    ("The derivative of the sigmoid is negative.", ["wrong"]),
    ("The sigmoid is monotonically increasing.", ["holds"]),
    ("The sigmoid is strictly decreasing.", ["wrong"]),
    ("The sigmoid saturates.", ["holds"]),
    ("The outputs of tanh lie between -1 and 1.", ["holds"]),
    ("The outputs of tanh lie between 0 and 1.", ["wrong"]),
    ("Let $f(x) = x^2 + 1$. Here $f(x)$ is positive.", ["holds"]),
    ("Let $f(x) = x^2 - 1$. Here $f(x)$ is positive.", ["wrong"]),
]


@pytest.mark.parametrize("text, wanted", PROPERTIES)
def test_properties_in_words(text, wanted):
    assert verdicts(text) == wanted


LEFT_ALONE = [
    "If softmax is invariant under scaling, we are done.",
    "Is softmax invariant under scaling?",
    "The input of softmax is positive.",
    "A layer with softmax and a convex loss.",
    "Unlike softmax, our layer is scale-invariant.",
    "The sigmoid is almost always close to positive values.",
    "The error of the sigmoid network is negative.",
]


@pytest.mark.parametrize("text", LEFT_ALONE)
def test_what_has_no_clear_subject_is_left_alone(text):
    assert verdicts(text) == []


GIVEN = (
    "Let $W \\in \\mathbb{R}^{m \\times n}$, $x \\in \\mathbb{R}^{n}$, $b \\in \\mathbb{R}^m$, "
    "$y = W x + b$ and $L = \\sum_i y_i^2$.\n\n"
)
SHAPES = [
    (r"$$ W^T \in \mathbb{R}^{n \times m} $$", "holds"),
    (r"$$ W^T \in \mathbb{R}^{m \times n} $$", "shape"),
    (r"$$ \frac{\partial L}{\partial W} \in \mathbb{R}^{m \times n} $$", "holds"),
    (r"$$ \frac{\partial L}{\partial W} \in \mathbb{R}^{n \times m} $$", "convention"),
    (r"$$ \frac{\partial L}{\partial x} \in \mathbb{R}^{m} $$", "shape"),
    (r"$$ W x \to m \times 1 $$", "holds"),
    (r"$$ W x \to 1 \times m $$", "convention"),
    (r"$$ y = \underbrace{W}_{m \times n} x + b $$", "holds"),
    (r"$$ y = W \underbrace{x}_{m \times 1} + b $$", "shape"),
    (r"$$ \frac{\partial L}{\partial x} = (n \times m) \times (m \times 1) $$", "holds"),
    (r"$$ \frac{\partial L}{\partial x} = (m \times n) \times (m \times 1) $$", "shape"),
    (r"$\frac{\partial L}{\partial b}$ has dimension $m \times 1$ like $b$.", "holds"),
    (r"The product $W x$ has shape $n \times 1$.", "shape"),
    (r"$\frac{\partial L}{\partial W}$ is an $m \times n$ matrix.", "holds"),
    (r"$W^T W$ is an $m \times m$ matrix.", "shape"),
    (r"Here $b$ is $\mathbb{R}^m$.", "holds"),
    (r"Here $b$ is $\mathbb{R}^n$.", "shape"),
    (r"$$ \boxed{W x + b \Rightarrow \text{has dimension } m \text{ like } b} $$", "holds"),
]


@pytest.mark.parametrize("text, wanted", SHAPES)
def test_shapes(text, wanted):
    assert verdicts(GIVEN + text)[3:] == [wanted]
