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
    verdicts_ = [one.verdict for one in sorted(found, key=lambda one: one.start)]
    # What is proved holds, which is all that these tests ask.
    return ["holds" if verdict == "proved" else verdict for verdict in verdicts_]


PROPERTIES = [
    ("The softmax function is invariant to translation.", ["holds"]),
    ("Softmax is shift-invariant.", ["holds"]),
    ("Softmax is not invariant under adding a constant.", ["wrong"]),
    ("The sigmoid is invariant under translation.", ["wrong"]),
    ("We can say that softmax is not invariant under scaling.", ["holds"]),
    ("Softmax is invariant under multiplication.", ["wrong"]),
    ("The sigmoid function is always positive.", ["holds"]),
    ("tanh is positive.", ["wrong"]),
    ("Since tanh has both positive and negative outputs, they may cancel.", []),
    ("The sigmoid has negative outputs.", ["wrong"]),
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
    ("The tanh has a symmetric output down to -1 unlike sigmoid.", ["holds"]),
    ("Softmax is invariant to constant offsets in the input.", ["holds"]),
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
    "When the input is negative, the derivative of ReLU is zero.",
    "The angle between $e^x$ and $\\tanh(x)$ is positive.",
    "Consider the case that $e^x$ is a positive constant.",
    "Here $\\tanh(x)$ is positive definite.",
    "Here $\\tanh(x)$ is positive definiute.",
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
    (r"The difference $Q - r(X)$ is of shape $m \times 1$.", "unread"),
    (r"The loss $L$ is of shape $m \times 1$.", "shape"),
    (r"Here $b$ is $\mathbb{R}^m$.", "holds"),
    (r"Here $y$ is $\mathbb{R}^m$.", "holds"),
    (r"Here $y$ is $\mathbb{R}^n$.", "shape"),
    (r"$$ \boxed{W x + b \Rightarrow \text{has dimension } m \text{ like } b} $$", "holds"),
]


@pytest.mark.parametrize("text, wanted", SHAPES)
def test_shapes(text, wanted):
    assert verdicts(GIVEN + text)[3:] == [wanted]


MODES = [
    ("Valid convolution shrinks the image.", ["holds"]),
    ("Full convolution enlarges it, while same padding keeps the size.", ["holds"]),
    ("Full convolution keeps the size, while same padding enlarges it.", ["wrong"]),
    ("Same convolution reduces the size.", ["wrong"]),
    ("Valid & same convolution keep the size.", ["wrong"]),
    ("Valid padding uses no padding.", ["holds"]),
    ("Full convolution does not use padding.", ["wrong"]),
    ("Valid convolution loses information at the border.", ["holds"]),
    ("Same convolution keeps the data at the border.", ["holds"]),
    ("The same padding is used by everyone.", []),
    ("With stride 2, same convolution reduces the size.", []),
    ("Full convolution reduces overfitting.", []),
    ("Same convolution:\n\nThe center of the filter is on the first element.", ["holds-if"]),
    ("Full convolution:\n\nThe center of the filter is on the first element.", ["wrong"]),
]


@pytest.mark.parametrize("text, wanted", MODES)
def test_modes_of_convolution_in_words(text, wanted):
    assert verdicts(text) == wanted


LAYERS = "First layer: 16 filters of 5x5, stride=1, padding 2 on an image of $32 \\times 32$.\n\n"
IMAGES = [
    (
        LAYERS + r"$$ \frac{32 + 4 - 5}{1} + 1 = 32 $$" + "\n\n$$ 32 \\times 32 \\times 16 $$",
        "holds",
    ),
    (
        LAYERS + r"$$ \frac{32 + 4 - 5}{1} + 1 = 32 $$" + "\n\n$$ 32 \\times 32 \\times 8 $$",
        "wrong",
    ),
    (
        LAYERS + r"$$ \frac{32 + 4 - 5}{1} + 1 = 32 $$" + "\n\n$$ 30 \\times 30 \\times 16 $$",
        "wrong",
    ),
]
NEXT = IMAGES[0][0] + "\n\nSecond layer: 2x2 max pooling, non-overlapping\n\n"
IMAGES += [
    (NEXT + r"$$ 16 \times 16 \times 16 $$", "holds"),
    (NEXT + r"$$ 16 \times 16 \times 8 $$", "wrong"),
    (NEXT + r"$$ 31 \times 31 \times 16 $$", "wrong"),
]
THIRD = (
    NEXT + r"$$ 16 \times 16 \times 16 $$" + "\n\nThird layer (32 3x3, stride=1 zero-padding=0)\n\n"
)
IMAGES += [
    (THIRD + r"$$ 14 \times 14 \times 32 $$", "holds"),
    (THIRD + r"$$ 32 \times 14 \times 14 $$", "convention"),
    (THIRD + r"$$ 16 \times 16 \times 32 $$", "wrong"),
    (
        "A layer without filters named\n\n$$ \\frac{8}{2} = 4 $$\n\n$$ 4 \\times 4 \\times 7 $$",
        "holds-if",
    ),
]


@pytest.mark.parametrize("text, wanted", IMAGES)
def test_sizes_of_images_through_layers(text, wanted):
    assert verdicts(text)[-1] == wanted


SIZE = r"\frac{\text{input size} + 2 \cdot \text{padding} - \text{kernel size}}{\text{stride}}"


@pytest.mark.parametrize(
    "text, wanted",
    [
        (f"$$ {SIZE} + 1 $$", ["holds"]),
        (f"$$ {SIZE} $$", ["wrong"]),
        (f"$$ \\text{{output size}} = \\left\\lfloor {SIZE} \\right\\rfloor + 1 $$", ["holds"]),
        (f"$$ \\text{{output size}} = {SIZE} - 1 $$", ["wrong"]),
        (f"$$ {SIZE.replace('stride', 'speed')} $$", []),
    ],
)
def test_the_general_size_of_an_output(text, wanted):
    assert verdicts(text) == wanted


PACK = (
    r"$$ \theta = [W, b, V, c] $$ with $W \in \mathbb{R}^{m \times n}$, $b \in \mathbb{R}^m$, "
    r"$V \in \mathbb{R}^{p \times m}$, $c \in \mathbb{R}^p$." + "\n\n"
)
LIST = (
    "$$ W_1: n \\times h $$\n\n$b_1: 1 \\times h$\n\n$W_2: h \\times m$\n\n$b_2: 1 \\times m$\n\n"
)
WITH_DATA = (
    r"Let $x \in \mathbb{R}^{d}$, $A \in \mathbb{R}^{m \times d}$, $a \in \mathbb{R}^m$, "
    r"$B \in \mathbb{R}^{c \times m}$, $b \in \mathbb{R}^c$ and "
    r"$$ h = \tanh(A x + a), \quad o = B h + b. $$ The number of parameters is "
)


@pytest.mark.parametrize(
    "text, wanted",
    [
        (PACK + r"$$ n_\theta = m \times (n + 1) + p \times (m + 1) $$", "holds"),
        (PACK + r"$$ n_\theta = m n + p m $$", "wrong"),
        (PACK + r"$$ |\theta| = m (n + 1) + p (m + 1) $$", "holds"),
        (PACK + r"$$ n_\theta = m n + m + p m + p = m(n + 1) + p m $$", "wrong"),
        (LIST + r"$h(n + m + 1) + m$", "holds"),
        (LIST + r"The number of parameters is $h(n + m + 1)$.", "wrong"),
        (LIST + r"The number of parameters is $h(n + m + 1) + m$.", "holds"),
        (WITH_DATA + "$m d + m + c m + c$.", "holds"),
        (WITH_DATA + "$m d + d + c m + c$.", "wrong"),
        (WITH_DATA + "$d + m d + m + c m + c$.", "wrong"),
    ],
)
def test_counts_of_parameters(text, wanted):
    assert verdicts(text)[-1] == wanted


RISK = r"$$ R(\theta) = \frac{1}{n} \sum_{i=1}^n L(f_\theta(x^{(i)}), y^{(i)}) $$" + "\n\n"
MEAN = r"\frac{1}{n} \sum_{i=1}^n L(f_\theta(x^{(i)}), y^{(i)})"
SUM = r"\sum_{i=1}^n L(f_\theta(x^{(i)}), y^{(i)})"
DESCENT = "Gradient descent:\n\n"


@pytest.mark.parametrize(
    "text, wanted",
    [
        (rf"$$ \theta^* = \arg\min_\theta R(\theta) = \arg\min_\theta {MEAN} $$", ["holds"]),
        (rf"$$ \theta^* = \arg\min_\theta R(\theta) = \arg\min_\theta {SUM} $$", ["holds"]),
        (rf"$$ \theta^* = \arg\min_\theta R(\theta) = \arg\max_\theta {MEAN} $$", ["wrong"]),
        (rf"$$ \theta^* = \arg\min_\theta R(\theta) = \arg\max_\theta -{SUM} $$", ["holds"]),
        (
            r"$$ \theta^* = \arg\min_\theta R(\theta) = \arg\min_\theta G(\theta) $$",
            ["not-checked"],
        ),
        (
            r"$$ \theta^{(t+1)} = \theta^{(t)} - \eta \nabla_\theta R"
            rf" = \theta^{{(t)}} - \eta \frac{{\partial}}{{\partial \theta}} ({MEAN}) $$",
            ["holds", "holds"],
        ),
        (
            r"$$ \theta^{(t+1)} = \theta^{(t)} - \eta \nabla_\theta R"
            rf" = \theta^{{(t)}} - \eta \frac{{\partial}}{{\partial \theta}} ({SUM}) $$",
            ["holds", "wrong"],
        ),
        (
            r"$$ \theta_{t+1} = \theta_t - \eta \nabla_\theta R"
            rf" = \theta_t + \eta \frac{{\partial}}{{\partial \theta}} \left( {MEAN} \right) $$",
            ["holds", "wrong"],
        ),
        (DESCENT + r"$$ W = W - \eta \frac{\partial R}{\partial W} $$", ["holds"]),
        (DESCENT + r"$$ W \leftarrow W - \eta \frac{\partial R}{\partial W} $$", ["holds"]),
        (DESCENT + r"$$ W = W + \eta \frac{\partial R}{\partial W} $$", ["wrong"]),
        (DESCENT + r"$$ W = W - \eta \frac{\partial R}{\partial b} $$", ["wrong"]),
        (r"$$ W = W + \eta \frac{\partial R}{\partial W} $$", ["not-checked"]),
        (
            "Gradient ascent:\n\n" + r"$$ W = W - \eta \frac{\partial R}{\partial W} $$",
            ["not-checked"],
        ),
    ],
)
def test_minima_and_steps(text, wanted):
    assert verdicts(RISK + text) == wanted


def test_risks_packs_and_minima_are_definitions():
    text = RISK + r"$$ \theta^* = \arg\min_\theta R(\theta) $$" + "\n\n" + PACK
    document = read_document(text, "text")
    reading = read_reading(document)
    _, defined = claims(document, reading)
    assert [one.symbol for one in defined] == ["\\theta", "\\theta^{ast}"]
    assert [item.defines for item in reading.chains if item.defines] == ["R"]


@pytest.mark.parametrize(
    "text, wanted",
    [
        (r"The jth row of $W \to W_{j\cdot}$", ["holds"]),
        (r"The jth column of $W \to W_{j\cdot}$", ["convention"]),
        (r"The $i$th row of $W$ is $W_{i:}$.", ["holds"]),
        (r"The ith element of $b$ is $b_i$.", ["holds"]),
        (r"The ith element of $b$ is $b_j$.", ["wrong"]),
        (r"$\odot$ denotes the Hadamard product.", ["holds"]),
        (r"$\text{col}_i(\cdot)$ returns the i-th column of a matrix.", ["holds"]),
        (r"$\text{col}_i(\cdot)$ returns the i-th row of a matrix.", []),
    ],
)
def test_parts_and_notations_in_words(text, wanted):
    assert verdicts(GIVEN + text)[3:] == wanted


def fenced(body):
    return f"# Code\n\n```python\n{body}\n```\n"


@pytest.mark.parametrize(
    "body, wanted",
    [
        ("def softmax(x):\n    e = np.exp(x - np.max(x))\n    return e / e.sum()", ["holds"]),
        ("def softmax(x):\n    return np.exp(x) / np.sum(x)", ["wrong"]),
        (
            "def softmax_rows(x):\n    e = np.exp(x - x.max(axis=1, keepdims=True))\n"
            "    return e / np.sum(e, axis=1, keepdims=True)",
            ["holds"],
        ),
        (
            "def softmax_rows(x):\n    e = np.exp(x)\n"
            "    return e / np.sum(e, axis=0, keepdims=True)",
            ["wrong"],
        ),
        ("def sigmoid(x):\n    return 1 / (1 + np.exp(-x))", ["holds"]),
        ("def sigmoid(x):\n    return 1 / (1 - np.exp(-x))", ["wrong"]),
        ("def sigmoid_grad(s):\n    return s * (1 - s)", ["holds"]),
        ("def tanh_derivative(z):\n    return 1 - np.tanh(z) ** 2", ["holds"]),
        ("def tanh_derivative(z):\n    return 1 - np.tanh(z)", ["wrong"]),
        ("def relu(z):\n    return np.maximum(0, z)", ["holds"]),
        ("def relu(z):\n    return np.where(z > 0, 1, z)", ["wrong"]),
        ("def relu(z):\n    import os\n    return os.getcwd()", ["not-checked"]),
        ("def relu(z):\n    return [x for x in z]", ["not-checked"]),
        ("def relu(z):\n    return __import__('os')", ["not-checked"]),
        ("def softmax_loss(x):\n    return x", []),
        ("def relu(z:\n    return", []),
    ],
)
def test_code_against_formulas(body, wanted):
    assert verdicts(fenced(body)) == wanted


def test_code_is_compared_with_the_function_of_the_document():
    text = r"$$ \text{softplus}(x) = \log(1 + e^{x}) $$" + "\n\n"
    assert verdicts(text + fenced("def softplus(x):\n    return np.log1p(np.exp(x))")) == ["holds"]
    assert verdicts(text + fenced("def softplus(x):\n    return np.log(np.exp(x))")) == ["wrong"]


STABLE = (
    "$$ \\text{softmax}(x + c)_i = \\frac{e^{x_i + c}}{\\sum_j e^{x_j + c}} $$\n\n"
    "$$ u_i = - \\frac{t_i}{z_i} $$\n\n"
)


@pytest.mark.parametrize(
    "text, wanted",
    [
        ("# Softmax\n\nRange for each element: 0-1", ["holds"]),
        ("# Softmax\n\nRange for each element: -1 to 0", ["wrong"]),
        ("# Softmax\n\nSum of all elements: 1", ["holds"]),
        ("# Softmax\n\nSum of all elements: 2", ["wrong"]),
        ("# Softmax and tanh\n\nRange for each element: 0-1", []),
        ("tanh has higher derivative values than sigmoid.", ["holds-if"]),
        ("The sigmoid has higher derivatives than tanh.", ["wrong"]),
        ("Subtracting the maximum from each element does not change the softmax.", ["holds"]),
        (
            "We subtract the maximum from all other elements without affecting the softmax.",
            ["holds-if"],
        ),
        ("Subtracting the maximum does not change the sigmoid.", ["wrong"]),
    ],
)
def test_topics_and_comparisons(text, wanted):
    assert verdicts(text) == wanted


@pytest.mark.parametrize(
    "text, wanted",
    [
        ("Division by zero when $z_i = 0$.", ["holds"]),
        ("Division by zero when $z_i = 1$.", ["wrong"]),
        ("Division by zero when $q_i = 0$.", ["not-checked"]),
        ("The terms $e^{x_i}$ can overflow.", ["holds"]),
        ("The terms $e^{x_i}$ never overflow.", ["wrong"]),
        ("For $x < 0$ the form $\\frac{e^x}{1 + e^x}$ never overflows.", ["not-checked", "holds"]),
        ("For $x > 0$ the form $\\frac{e^x}{1 + e^x}$ never overflows.", ["not-checked", "wrong"]),
        ("For negative numbers the form $\\frac{e^x}{1 + e^x}$ never overflows.", ["not-checked"]),
        ("The values $\\tanh(x_i)$ do not overflow.", ["holds"]),
        ("Using $c = -\\max x_i$ avoids overflow.", ["holds"]),
        ("Using $c = \\max_j x_j$ avoids overflow.", ["wrong"]),
    ],
)
def test_what_is_said_of_floating_point(text, wanted):
    assert verdicts(STABLE + text) == wanted


RAMP = (
    r"Let $g(z) = \begin{cases} z & z > 0 \\ 0 & z < 0 \\ \text{not defined} & z = 0 \end{cases}$ "
    r"and $H(z) = \begin{cases} 1 & z > 0 \\ 0 & z < 0 \\ \frac{1}{2} & z = 0 \end{cases}$."
    "\n\n"
)


@pytest.mark.parametrize(
    "text, wanted",
    [
        (r"So $g'(z) = \begin{cases} 1 & z > 0 \\ 0 & z < 0 \end{cases}$.", ["holds"]),
        (r"So $g'(z) = \begin{cases} 1 & z > 0 \\ -1 & z < 0 \end{cases}$.", ["wrong"]),
        (
            r"$f(z) = \begin{cases} 2 z & z > 0 \\ z & z \le 0 \end{cases} \Rightarrow "
            r"f(z) = \begin{cases} 2 & z > 0 \\ 1 & z < 0 \end{cases}$",
            ["wrong"],
        ),
        ("At $z = 0$, $g'(z)$ does not exist.", ["holds"]),
        ("At $z = 0$, $g'(z)$ doesn't exist because of the discontinuity.", ["holds-if"]),
        ("$g'(z^-)$ and $g'(z^+)$ are not equal.", ["holds"]),
        ("$g'(z^-)$ and $g'(z^+)$ are equal.", ["wrong"]),
        ("$g(z^-)$ and $g(z^+)$ are equal.", ["holds"]),
        ("So $g'(z)$ is equal to $H(z)$ where it exists.", ["holds"]),
        ("So $g'(z)$ is equal to $H(z)$.", ["holds-if"]),
        ("So $g(z)$ is equal to $H(z)$.", ["wrong"]),
        ("So $g'(z)$ equals $H(z)$ wherever\n\n$g'(z)$ exists (all $z$ but $0$).", ["holds"]),
        # Where the document has a value for it, `not defined` is a mistake.
        ("Thus $g(z) = z H(z)$.", ["wrong"]),
        ("Thus $g(z) = z^2 H(z)$.", []),
        ("① $g(z) = z H(z)$\n\n② $g(z) = H(z) z^2$", ["wrong", "wrong"]),
        ("① $g(z) = z H(z)$\n\n② $g(z) = z - z H(-z)$", ["wrong"]),
        ("① $g(z) = z H(z)$\n\n② $g(z) = \\tanh(z)$", ["wrong"]),
        (
            r"$f(z) = |z|$ and $f'(z) = \begin{cases} 1 & z > 0 \\ -1 & z < 0 \\ "
            r"\text{undefined} & z = 0 \end{cases}$",
            ["holds"],
        ),
        (
            r"$f(z) = z |z|$ and $f'(z) = \begin{cases} 2 z & z > 0 \\ -2 z & z < 0 \\ "
            r"\text{undefined} & z = 0 \end{cases}$",
            ["wrong"],
        ),
        ("With $f(z) = |z|$, $f'(z)$ does not exist at $z = 0$.", ["holds"]),
        ("With $f(z) = z |z|$, $f'(z)$ does not exist at $z = 0$.", ["wrong"]),
    ],
)
def test_functions_by_cases(text, wanted):
    found = verdicts(RAMP + text)
    assert [one for one in found if one != "not-checked"] == wanted


@pytest.mark.parametrize(
    "text, wanted",
    [
        ("It grows if $a < b$ and shrinks if $b > a$.", ["wrong"]),
        ("It grows if $a < b$ and shrinks if $a > b$.", []),
        (r"$\text{softmax}(c x) = \text{softmax}(x)$ only if $c = 1$.", ["wrong"]),
        (r"$a b = b$ only if $a = 1$.", ["holds-if"]),
        (r"$\tanh(c) = 0$ only if $c = 0$.", ["not-checked"]),
        (
            r"Is $\text{softmax}(t) = \text{softmax}(n)$? We must have $t = n$ for the equation.",
            ["wrong"],
        ),
        (r"Is $\tanh(u) = \tanh(v)$? We must have $u = v$ for the equation to hold.", []),
    ],
)
def test_conditions_in_words(text, wanted):
    document = read_document(text, "text")
    found, _ = claims(document, read_reading(document))
    assert [one.verdict for one in found if one.diagnosis != "a condition"] == wanted


LOSS = (
    r"Let $z \in \mathbb{R}^{K}$, $y \in \mathbb{R}^{K}$, $\hat{y} = \text{softmax}(z)$ and "
    r"$L = \frac{1}{2} \sum_k (\hat{y}_k - y_k)^2$." + "\n\n"
)


@pytest.mark.parametrize(
    "text, wanted",
    [
        ("The largest value of the derivative of the sigmoid is 1/4.", ["holds"]),
        (r"The maximum of the derivative of tanh is $\frac{1}{2}$.", ["wrong"]),
        ("The derivative of the sigmoid is at most 0.25.", ["holds"]),
        ("The gradient of tanh is bounded by 0.5.", ["wrong"]),
        (r"The gradient $\frac{\partial L}{\partial z}$ vanishes when $\hat{y} = y$.", ["holds"]),
        (r"The sum $L + 1$ vanishes when $\hat{y} = y$.", ["wrong"]),
        (r"$\hat{y}_k$ is the probability of class $k$.", ["holds"]),
        (r"$2 \hat{y}_k$ is the probability of class $k$.", ["wrong"]),
        (r"$z_k$ is the probability of class $k$.", []),
        (r"$\frac{\partial \hat{y}}{\partial z}$ is the Jacobian matrix.", ["holds"]),
    ],
)
def test_largest_values_zeros_and_probabilities(text, wanted):
    assert verdicts(LOSS + text)[2:] == wanted


LIST = """# Activations

1. **Sigmoid (Logistic) Function**:
    - **Range**: (0, 1)
    - Output is not zero centered.

2. **Tanh Function**:
    - Similar to the sigmoid.
    - **Range**: $(-1, 1)$
    - Output is never zero-centered.
    - Range: (0, 1)

## ReLU

Range: $[0, \\infty)$

Outputs are positive.
"""


def test_lists_of_properties_under_the_name_of_a_function():
    assert verdicts(LIST) == ["holds", "holds", "holds", "wrong", "wrong", "holds", "wrong"]


SOFTMAX = r"""Let $q = \text{softmax}(a)$, and let $t$ be one-hot.

$$ E = -\sum_k t_k \log q_k $$

"""
JACOBIAN = (
    SOFTMAX
    + r"""
$$ \frac{\partial q_i}{\partial a_j} = q_i (\delta_{ij} - q_j) $$

"""
)
CLASS = (
    SOFTMAX
    + r"""
$$ \frac{\partial E}{\partial a_j} = q_j - 1 $$

"""
)
SLOPES = [
    (SOFTMAX, r"The gradient of $E$ with respect to $a_k$ is $q_k - t_k$.", ["holds"]),
    (SOFTMAX, r"The gradient of $E$ with respect to $a$ is simply $t - q$.", ["wrong"]),
    (SOFTMAX, r"So the derivative of the loss $E$ w.r.t. $q_k$ is $-t_k / q_k$.", ["holds"]),
    (SOFTMAX, r"The derivative of $E$ with respect to $q_k$ is proportional to $t_k$.", []),
    (JACOBIAN, r"The diagonal entries are $q_i (1 - q_i)$.", ["holds"]),
    (JACOBIAN, r"The diagonal entries are $q_i (1 + q_i)$.", ["wrong"]),
    (JACOBIAN, r"The off-diagonal elements are then $-q_i q_j$.", ["holds"]),
    (JACOBIAN, r"The off-diagonal elements are then $q_i q_j$.", ["wrong"]),
    (
        JACOBIAN,
        r"For $i = j$ we get $q_i - q_i^2$, for $i \neq j$ it is $-q_i q_j$.",
        ["holds"] * 2,
    ),
    (
        JACOBIAN,
        r"For $i = j$ we get $q_i - q_j q_i$, if $i \neq j$ it is $q_i q_j$.",
        ["holds", "wrong"],
    ),
    (JACOBIAN, r"If $i \neq j$ then $q_i$ is smaller.", []),
    (JACOBIAN, r"The others are $i \neq j \Rightarrow q_i q_j$.", ["wrong"]),
    (CLASS, r"For $k \neq j$ the term is missing, so the gradient is just $q_k$.", ["holds-if"]),
    (CLASS, r"For $k \neq j$ the term is missing, so the gradient is just $q_k^2$.", ["wrong"]),
]


@pytest.mark.parametrize("page, text, wanted", SLOPES)
def test_derivatives_in_words(page, text, wanted):
    assert verdicts(page + text) == wanted


COSTS = [
    ("Using the MSE means that we assume the data follow a normal distribution.", ["holds"]),
    ("The squared error corresponds to Bernoulli targets.", ["wrong"]),
    ("Cross-entropy amounts to a Bernoulli distribution of the labels.", ["holds"]),
    ("Binary cross entropy assumes Gaussian noise.", ["wrong"]),
    ("The absolute error comes from Laplacian noise.", ["holds"]),
    ("The squared error does not assume a Bernoulli distribution.", []),
    ("Binary cross-entropy is equivalent to maximum likelihood estimation.", ["holds"]),
    ("Minimising the squared error is the same as maximum likelihood.", ["holds-if"]),
    ("MSE is non-convex for binary classification.", ["holds"]),
    ("The squared error is convex with a sigmoid output.", ["wrong"]),
    ("Cross-entropy is convex in logistic regression.", ["holds"]),
    ("The cross-entropy loss is not convex in logistic regression.", ["wrong"]),
    (
        "If a sigmoid is put into the squared error, the cost is not convex. On one side it is "
        "concave, and on the other side it is convex.",
        ["holds", "holds"],
    ),
    (
        "If a sigmoid is put into the cross-entropy, the cost is convex. On one side it is "
        "concave, and on the other side it is convex.",
        ["holds", "wrong"],
    ),
    ("The squared error does not punish misclassifications enough.", ["holds"]),
    ("The squared error penalises wrong predictions heavily.", ["wrong"]),
    ("Cross-entropy penalizes mistakes strongly.", ["holds"]),
]


@pytest.mark.parametrize("text, wanted", COSTS)
def test_costs_in_words(text, wanted):
    assert verdicts(text) == wanted


WORKINGS = r"""
$$ h = \tanh(W x) $$

$$ E = \|h - t\|^2 $$

$$ \frac{\partial E}{\partial x} = W^T (2 (h - t) \odot (1 - h^2)) $$

$$ \frac{a}{1 + a} = \frac{1 + a - 1}{1 + a} $$

"""


@pytest.mark.parametrize(
    "text, wanted",
    [
        ("The trick is adding and subtracting $1$.", ["holds"]),
        ("The trick is adding and subtracting $b$.", ["not-checked"]),
        ("Values computed in the forward pass, such as $h$, are reused in backprop.", ["holds"]),
        (
            "Values computed in the forward pass, such as $E$, are reused in backprop.",
            ["not-checked"],
        ),
    ],
)
def test_workings_in_words(text, wanted):
    assert verdicts(WORKINGS + text) == wanted


WEIGHTED = r"""
The target $t$ is one-hot, and $q$ are probabilities.

$$ E = -\sum_k t_k \log q_k $$

"""


@pytest.mark.parametrize(
    "text, wanted",
    [
        ("Since $t$ is one-hot, only the term where $t_c = 1$ remains.", ["holds"]),
        ("As $t$ is one-hot, the only term that counts is where $t_j = 0$.", ["wrong"]),
        ("Only the term where $q_c = 1$ remains.", []),
        ("Here $t$ is one-hot. All other terms vanish.", ["holds"]),
        ("All other terms vanish.", []),
    ],
)
def test_sums_with_one_hot_weights(text, wanted):
    assert verdicts(WEIGHTED + text) == wanted


def test_terms_of_no_sum():
    text = "Let $t$ be one-hot. Only the term where $t_c = 1$ remains."
    assert verdicts(text) == ["not-checked"]


FENCED = "```\ny = {}\n```\n"


@pytest.mark.parametrize(
    "text, wanted",
    [
        ("The Jacobian of an element-wise function is diagonal.", ["holds"]),
        ("The Jacobian of a function applied element-wise is not diagonal.", ["wrong"]),
        ("The slope of a map applied entrywise is multiplied element-wise.", ["holds"]),
        ("The slope of a map applied entrywise is multiplied as a matrix.", ["wrong"]),
        ("The derivative of tanh can be written in terms of its output.", ["holds"]),
        ("The derivative of the sigmoid cannot be written as a function of its value.", ["wrong"]),
        ("Let $f(x) = x^2 - 1$. The slope of $f(x)$ is a function of its value.", ["wrong"]),
        ("Find the gradient of $\\sigma(x)$ without using the input.", ["holds"]),
        ("The weights are changed by gradient descent to reduce the loss.", ["holds"]),
        ("We update the weights by gradient ascent in order to minimise the cost.", ["wrong"]),
        ("We add row-wise, using `np.sum`.\n\n" + FENCED.format("np.sum(x, axis=-1)"), ["holds"]),
        ("We add row-wise, using `np.sum`.\n\n" + FENCED.format("np.sum(x, 1)"), ["holds-if"]),
        ("We add row-wise, using `np.sum`.\n\n" + FENCED.format("np.sum(x, axis=0)"), ["wrong"]),
        ("We add column by column with `np.sum`.\n\n" + FENCED.format("np.sum(x, 0)"), ["holds"]),
    ],
)
def test_element_by_element_down_and_along(text, wanted):
    assert verdicts(text) == wanted


@pytest.mark.parametrize(
    "text, wanted",
    [
        ("A higher temperature makes the distribution flatter.", ["holds"]),
        ("A high temperature gives a sharper distribution.", ["wrong"]),
        ("Lowering the temperature $T$ yields more confident predictions.", ["holds"]),
        ("A higher temperature does not make it sharper.", []),
        ("Multiplying the scores by $c > 1$ makes the softmax more peaked.", ["holds"]),
        ("Multiplying the scores by $c < 1$ makes the softmax more peaked.", ["wrong"]),
        ("Dividing the scores by 10 makes the softmax more uniform.", ["holds"]),
        ("Scaling the scores makes the softmax output sharper.", ["holds-if"]),
        ("Multiplying the weights by 2 makes the edge sharper.", []),
        (
            r"$s(c v) = \frac{e^{c v_i}}{\sum_k e^{c v_k}}$. The multiplication makes it spikier.",
            ["holds-if"],
        ),
        (r"$s(c v) = \frac{c v_i}{\sum_k c v_k}$. The multiplication makes it spikier.", []),
    ],
)
def test_what_scaling_does_to_a_distribution(text, wanted):
    document = read_document(text, "text")
    found, _ = claims(document, read_reading(document))
    assert [one.verdict for one in found if "largest" in (one.reading or "")] == wanted


def test_a_mistake_of_the_program_costs_one_claim(monkeypatch):
    from chainrule.checker.check import check
    from chainrule.checker.claims import catalogue

    def broken(page):
        for _ in page.in_turn(page.reading.chains):
            raise TypeError("no size")
        yield from ()

    text = "Let $x \\in \\mathbb{R}^{n}$, $y = 2 x$, so $\\frac{\\partial y}{\\partial x} = 2 I$.\n"
    monkeypatch.setattr(catalogue, "KINDS", (*catalogue.KINDS, broken))
    with pytest.raises(TypeError):
        check(read_document(text, "note"))
    monkeypatch.delenv("CHAINRULE_STRICT")
    found = check(read_document(text, "note")).findings
    assert any("report it: TypeError: no size" in (one.diagnosis or "") for one in found)
    assert any(one.verdict == "proved" for one in found)


@pytest.mark.parametrize(
    ("text", "given"),
    [
        ("Take $x = (1, -2)$ and $t = 3$.", ["x", "t"]),
        ("A layer with $k = 3$, $s = 2$ and $p = 1$.", ["k", "s", "p"]),
        ("The label is $y \\in \\{0, 1\\}$. For $y = 1$ the loss is $-\\log p$.", ["y"]),
        ("If $x = 2$, nothing moves; when $t = 3$ neither.", []),
        ("Let $L = (o - t)^2$. The loss is large: $L = 3$.", []),
        ("For this batch we get $r = 3$.", []),
        ("A weight $\\lambda \\in [0, 1]$ and a label $y \\in \\{0, 1\\}$.", ["\\lambda", "y"]),
        ("Let $p = \\sigma(z)$. Then $p \\in (0, 1)$.", []),
    ],
)
def test_what_is_given_in_numbers_is_a_definition(text, given):
    document = read_document(text, "text")
    _, defined = claims(document, read_reading(document))
    assert [one.symbol for one in defined] == given


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (r"We want $n + 2 p - k + 1 = n$, and so $p = \frac{k - 1}{2}$.", ["holds"]),
        (r"We want $n + 2 p - k + 1 = n$, and so $p = \frac{k}{2}$.", ["wrong"]),
        (r"Setting $w a - b = 0$ gives $w = b / a$.", ["holds"]),
        (r"Setting $w a - b = 0$ gives $w = a / b$.", ["wrong"]),
        (r"We want $a = b$, and so $c = 2$.", []),
        (r"The slope $2 a x + b$ is zero for $x = -b / (2 a)$.", ["holds"]),
        (r"The slope $2 a x + b$ vanishes at $x = b / (2 a)$.", ["wrong"]),
        (r"With $3 w + b = c$ and so $w = \frac{c - b}{3}$.", ["holds"]),
        (r"With $3 w + b = c$, hence $w = \frac{c + b}{3}$.", ["wrong"]),
    ],
)
def test_solutions_are_put_into_their_equation(text, wanted):
    assert verdicts(text) == wanted


def test_a_space_behind_a_formula_is_said_of_it():
    from chainrule.checker.check import check

    text = (
        "Let $x \\in \\mathbb{R}^d$, $A \\in \\mathbb{R}^{m \\times d}$ and $z = A x$. "
        "Then $\\frac{\\partial z}{\\partial x} = A$ and this is $\\in \\mathbb{R}^{m \\times d}$, "
        "not $z$ $\\in \\mathbb{R}^{d}$."
    )
    found = check(read_document(text, "note")).findings
    assert [one.verdict for one in found][2:4] == ["proved", "holds"]
