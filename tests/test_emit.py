"""Emitted files stand alone, give what `evaluate` gives, and pass the tests beside them."""

import importlib
import sys
from pathlib import Path

import numpy as np
import pytest

import chainrule
from chainrule.errors import BadOption, NotTrainable, UnknownSize, UnknownSymbol
from chainrule.mathematics.functions import FUNCTIONS
from chainrule.program.build import sized
from chainrule.program.plan import plan
from chainrule.program.to_torch import TorchSource
from test_program import SIZES, SPECIAL, VALUES, function_program, program_of

EXAMPLES = Path(__file__).parent.parent / "examples"
GRADIENTS = {
    "softmax_regression": ("J", "W,b"),
    "sigmoid_network": ("J", "W_1,b_1,W_2,b_2"),
    "softplus_network": ("L", "w^{(1)},b^{(1)},w^{(2)},b^{(2)}"),
    "tanh_network": ("J", "W_1,W_2,W_3,b_1"),
}


# Numbers that are no losses of one example after the other.
PRINTED = {
    "self_attention": ("L", "W_q,W_k,W_v,X", r"""
Let $X, Y \in \mathbb{R}^{T \times d}$ and $W_q, W_k, W_v \in \mathbb{R}^{d \times d}$.
$$ Q = X W_q, \quad K = X W_k, \quad V = X W_v $$
$$ A = \operatorname{softmax}\left(\frac{Q K^\top}{\sqrt{d}}\right) $$
$$ L = \frac{1}{2} \lVert A V - Y \rVert_F^2 $$"""),
    "layer_norm": ("L", r"x,\gamma", r"""
Let $x, g, \gamma \in \mathbb{R}^N$.
$$ \mu = \frac{1}{N} \sum_i x_i $$
$$ v = \frac{1}{N} \sum_i (x_i - \mu)^2 $$
$$ L = \sum_i g_i \gamma_i \frac{x_i - \mu}{\sqrt{v + 1}} $$"""),
    "pairs": ("L", "U,V", r"""
Let $U, V \in \mathbb{R}^{N \times D}$.
$$ P = \operatorname{softmax}(U V^\top) $$
$$ L = -\frac{1}{N} \sum_i \log P_{ii} $$"""),
    "pooling": ("L", "X", r"""
Let $X \in \mathbb{R}^{H \times W}$ and $G \in \mathbb{R}^{P \times Q}$.
$$ Y_{pq} = \max_{0 \le r, s < 2} X_{2p + r, 2q + s} $$
$$ L = \sum_{p,q} G_{pq} Y_{pq} $$"""),
    "pooled_convolution": ("L", "w,x", r"""
Let $x \in \mathbb{R}^N$ and $w \in \mathbb{R}^R$.
$$ y_p = \sum_{r=0}^{R-1} w_r x_{p+r} $$
$$ m_q = \max_{0 \le s < 2} y_{2q + s} $$
$$ L = \frac12 \sum_q (m_q - t_q)^2 $$"""),
    "pooled_pairs": ("L", "w,x", r"""
Let $x \in \mathbb{R}^N$ and $w \in \mathbb{R}^3$.
$$ y_p = \sum_{r=1}^3 w_r x_{p+r-1} $$
$$ m_q = \max(y_{2q-1}, y_{2q}) $$
$$ L = \sum_q m_q^2 $$"""),
    "mean_over_a_number": ("L", "W", r"""
Let $x \in \mathbb{R}^D$ and $W \in \mathbb{R}^{D \times D}$.
$$ h_i = \tanh(\sum_j W_{ij} x_j) $$
$$ L = \frac{1}{n} \sum_i h_i^2 $$"""),
    "one_of_two": ("R", "w", r"""
Let $x, w \in \mathbb{R}^D$.
$$ R = \lVert w \rVert^2 $$
$$ J = (w^\top x - y)^2 + R $$"""),
}  # fmt: skip


@pytest.fixture
def emitted(tmp_path, monkeypatch):
    """The module of a document's gradients and the module of its test, both imported."""
    monkeypatch.syspath_prepend(tmp_path)

    def write(name, to, memory=None):
        if name in PRINTED:
            of, by, text = PRINTED[name]
            found = chainrule.read(text).emit(of, by, to, memory)
        else:
            document = chainrule.read(EXAMPLES / f"{name}.md")
            found = document.emit(*GRADIENTS[name], to, memory)
        stem = f"emitted_{name}_{to}_{memory}"
        found.write(tmp_path / f"{stem}.py")
        assert "chainrule" not in found.source
        importlib.invalidate_caches()
        module, test = (importlib.import_module(m) for m in (stem, f"test_{stem}"))
        for loaded in (stem, f"test_{stem}"):
            del sys.modules[loaded]
        return module, test

    return write


def run(test):
    """Every case of an emitted test file."""
    if hasattr(test, "test_gradients"):
        test.test_gradients()
        return
    (mark,) = test.test_gradient.pytestmark
    assert mark.args[1]
    for case in mark.args[1]:
        test.test_gradient(*case)


@pytest.mark.parametrize("name", [*GRADIENTS, *PRINTED])
@pytest.mark.parametrize("to", ["numpy", "jax", "torch"])
def test_the_test_beside_it_passes(emitted, name, to):
    if to != "numpy":
        pytest.importorskip(to)
    try:
        run(emitted(name, to)[1])
    finally:
        if to == "jax":
            importlib.import_module("jax").config.update("jax_enable_x64", False)


def test_torch_makes_nothing_on_another_device(emitted):
    torch = pytest.importorskip("torch")
    module, test = emitted("pooled_convolution", "torch")
    given = {k: v if isinstance(v, int) else torch.tensor(v) for k, v in test.INPUTS.items()}
    found = module.step(**{k: v if isinstance(v, int) else v.to("meta") for k, v in given.items()})
    assert {one.device.type for one in found} == {"meta"}
    assert {one.device.type for one in module.step(**given)} == {"cpu"}


def test_in_blocks(emitted):
    run(emitted("sigmoid_network", "numpy", 0)[1])


def test_a_gradient_that_is_off_is_caught(emitted):
    module, test = emitted("softmax_regression", "numpy")

    def off(**given):
        loss, *slopes = module.step(**given)
        return loss, *(1.01 * slope for slope in slopes)

    test.step = off
    with pytest.raises(AssertionError):
        run(test)


def test_a_number_as_it_is_printed_is_what_it_means():
    """The value of attention over the whole of a sentence, and a sentence that says so."""
    of, by, text = PRINTED["self_attention"]
    found = chainrule.read(text).emit(of, by)
    assert "as it is printed" in found.assumed[-1]
    module = {}
    exec(found.source, module)
    random = np.random.default_rng(0)
    given = {name: random.normal(size=(3, 3)) for name in ("X", "Y", "W_q", "W_k", "W_v")}
    x, y, q, k, v = given.values()
    scores = np.exp(x @ q @ (x @ k).T / np.sqrt(3))
    wanted = ((scores / scores.sum(axis=1, keepdims=True) @ x @ v - y) ** 2).sum() / 2
    np.testing.assert_allclose(module["step"](**given)[0], wanted)


def test_a_size_that_is_stated_nowhere_is_an_argument():
    found = chainrule.read(PRINTED["pooled_convolution"][2]).emit("L", "w")
    assert found.assumed[-1] == "M, the length of y, is stated nowhere: step takes it as a number"
    assert "def step(t, w, x, M, memory=None):" in found.source
    with pytest.raises(UnknownSize, match="M, the length of y"):
        chainrule.read(PRINTED["pooled_convolution"][2]).emit("L", "w", memory=2**20)


def test_only_numbers_have_gradients():
    with pytest.raises(BadOption):
        chainrule.read(PRINTED["pairs"][2]).emit("P", "U")


UNKNOWN = [
    r"The activation function is $g$. $$z = W x$$ $$a = g(z)$$ $$L = \frac12 \|a - t\|^2$$",
    r"Let $u(W) \in \mathbb{R}^n$. $$L = u^T u$$",
]


@pytest.mark.parametrize("text", UNKNOWN)
def test_functions_that_nobody_defines_have_no_code(text):
    shapes = r"$x \in \mathbb{R}^d$, $W \in \mathbb{R}^{n \times d}$, $t \in \mathbb{R}^n$. "
    document = chainrule.read(shapes + text)
    assert document.derive("L", "W").text("W").startswith("∂L/∂W")
    with pytest.raises(NotTrainable, match="of which nothing is known"):
        document.emit("L", "W")


def test_mistakes():
    document = chainrule.read(EXAMPLES / "softmax_regression.md")
    with pytest.raises(BadOption):
        document.emit("J", "W", "fortran")
    with pytest.raises(UnknownSymbol):
        document.emit("J", "Q")


# A number that depends on sizes only is Python's own, which stops at a division by zero.
FORMS = [name for name in (*FUNCTIONS, *SPECIAL) if name != "a division by zero"]


@pytest.mark.parametrize("name", FORMS)
def test_torch_gives_what_evaluate_gives(name):
    torch = pytest.importorskip("torch")
    program, given = function_program(name) if name in FUNCTIONS else (None, VALUES)
    program = program or program_of(SPECIAL[name])
    outputs = [definition.name for definition in program.definitions]
    exact = {a.name: np.asarray(given[a.name], np.float32).astype(float) for a in program.inputs}
    if name in FUNCTIONS:
        wanted = program.run(exact, {"P": 5, "Q": 7})
    else:
        wanted = program.run(exact, SIZES)
    module = {}
    program = sized(program, SIZES)
    made = plan(program, outputs)
    if not made.inputs:
        pytest.skip("without inputs there is no type to compute in")
    exec(TorchSource(program, made, {}, "loss").text(), module)
    for dtype, tolerance in ((torch.float32, 3e-5), (torch.float64, 1e-11)):
        got = module["step"](*(torch.tensor(exact[a.name], dtype=dtype) for a in made.inputs))
        for output, found in zip(outputs, got, strict=True):
            scale = np.max(np.abs(np.where(np.isfinite(wanted[output]), wanted[output], 0)))
            np.testing.assert_allclose(
                found, wanted[output], rtol=tolerance, atol=tolerance * max(1, scale)
            )
