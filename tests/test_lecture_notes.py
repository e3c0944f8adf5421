"""Documents in the style of lecture notes: layers of a batch, a loss of one example, dW and db."""

import doctest

import numpy as np
import pytest

import chainrule
from chainrule.cli import main
from chainrule.errors import NoLoss, NotTrainable
from chainrule.training import joined
from chainrule.training.roles import find_roles

SHAPE = r"One example in each column: $X \in \mathbb{R}^{n \times m}$. "
LAYERS = (
    r"$$Z^{[1]} = W^{[1]} X + b^{[1]}$$ $$A^{[1]} = \tanh(Z^{[1]})$$"
    r" $$Z^{[2]} = W^{[2]} A^{[1]} + b^{[2]}$$ $$A^{[2]} = \sigma(Z^{[2]})$$ "
)
BACK = r"$$dZ^{[2]} = A^{[2]} - Y$$ $$dW^{[2]} = \frac{1}{m} dZ^{[2]} A^{[1]T}$$ "
ENTROPY = r"-(y \log a + (1 - y) \log(1 - a))"
EACH = ENTROPY.replace("y", "y^{(i)}").replace(" a", " a^{[2](i)}")
MEAN = rf"$$J = \frac{{1}}{{m}} \sum_{{i=1}}^m {EACH}$$ "
PENALTY = r" + \frac{\lambda}{2m} (\|W^{[1]}\|_F^2 + \|W^{[2]}\|_F^2)$$"
SOFT = LAYERS.replace(r"\sigma", r"\text{softmax}")
ROWS = (
    r"$$Z_1 = X W_1 + b_1$$ $$A_1 = \tanh(Z_1)$$ $$Z_2 = A_1 W_2 + b_2$$"
    r" $$A_2 = \text{softmax}(Z_2)$$"
)
# The same network with every shape stated.
STATED = (
    r"$X \in \mathbb{R}^{n \times m}$, $Y \in \mathbb{R}^{1 \times m}$,"
    r" $W^{[1]} \in \mathbb{R}^{h \times n}$, $b^{[1]} \in \mathbb{R}^{h \times 1}$,"
    r" $W^{[2]} \in \mathbb{R}^{1 \times h}$, $b^{[2]} \in \mathbb{R}$. " + LAYERS
    + r"$$J = -\frac{1}{m} \sum_{i=1}^m (Y_i \log A^{[2]}_i + (1 - Y_i) \log(1 - A^{[2]}_i))$$"
)  # fmt: skip
BINARY = {
    "a mean of losses": SHAPE + r"The labels are $Y \in \mathbb{R}^{1 \times m}$. " + LAYERS + MEAN,
    "with gradients": SHAPE + LAYERS + MEAN + BACK,
    "the loss of one example": LAYERS + rf"$$\mathcal{{L}}(a, y) = {ENTROPY}$$" + BACK,
    "a function summed": SHAPE + LAYERS + rf"$$L(a, y) = {ENTROPY}$$"
    r" $$J = \frac{1}{m} \sum_{i=1}^m L(a^{[2](i)}, y^{(i)})$$",
    "examples by their number": r"$$z^{[1](i)} = W^{[1]} x^{(i)} + b^{[1]}$$"
    r" $$a^{[1](i)} = \tanh(z^{[1](i)})$$ $$z^{[2](i)} = W^{[2]} a^{[1](i)} + b^{[2]}$$"
    r" $$\hat{y}^{(i)} = a^{[2](i)} = \sigma(z^{[2](i)})$$" + MEAN,
    "layers by their number": SHAPE + r"Let $A^{[0]} = X$. For $l = 1, \dots, 1$ take"
    r" $$Z^{[l]} = W^{[l]} A^{[l-1]} + b^{[l]}$$ $$A^{[l]} = \tanh(Z^{[l]})$$"
    r" and $$Z^{[2]} = W^{[2]} A^{[1]} + b^{[2]}$$ $$A^{[2]} = \sigma(Z^{[2]})$$" + MEAN,
}
CLASSES = {
    "softmax": SOFT + r"$$\mathcal{L}(\hat{y}, y) = -\sum_{k=1}^K y_k \log \hat{y}_k$$" + BACK,
    "all of them": SOFT
    + r"$$J = -\frac{1}{m} \sum_{i=1}^m \sum_{k=1}^K y_k^{(i)} \log a_k^{[2](i)}$$",
    "rows": ROWS + r"$$L(a, y) = -\sum_j y_j \log a_j$$ $$dZ_2 = A_2 - Y$$",
}


def rows():
    generator = np.random.default_rng(3)
    features = generator.standard_normal((160, 3))
    return features, (features[:, 0] * features[:, 1] + features[:, 2] > 0).astype(int)


def fitted(text, **options):
    options = {"size": {"H": 5}, "epochs": 4, "dtype": "float64", **options}
    return chainrule.read(text).fit(rows(), **options)


@pytest.mark.parametrize("name", BINARY)
def test_trains_as_if_every_shape_were_stated(name):
    wanted, found = fitted(STATED), fitted(BINARY[name])
    assert found.loss == pytest.approx(wanted.loss, abs=1e-12)
    for key, array in wanted.parameters.items():
        np.testing.assert_allclose(found.parameters[key], array, atol=1e-12)


@pytest.mark.parametrize("name", CLASSES)
def test_several_outputs(name):
    found = chainrule.read(CLASSES[name]).fit("digits", size={"H": 12}, epochs=8)
    assert found.accuracy > 0.9
    assert "mean over the examples" in " ".join(found.network.assumed)


def test_weight_decay_is_divided_by_the_examples_to_learn_from():
    text = SHAPE + LAYERS + MEAN.replace("$$ ", PENALTY)
    plain, found = (fitted(t, epochs=1, l2=3.0) for t in (text, text.replace("{2m}", "{240}")))
    assert plain.network.constants["number of examples"] == 120
    assert found.loss == pytest.approx(plain.loss, abs=1e-12)


def test_logistic_regression_on_columns():
    text = (
        r"Data $X$ of shape $n \times m$ with labels $Y$ of shape $1 \times m$."
        rf" $$Z = w^T X + b$$ $$A = \sigma(Z)$$ $$L(a, y) = {ENTROPY}$$"
        r" $$dw = \frac{1}{m} X \, dZ^T$$"
    )
    roles = find_roles(chainrule.read(text).reading)
    assert (str(roles.features), str(roles.target)) == ("X(n)", "Y()")
    assert fitted(text, size={}, epochs=30).accuracy > 0.7


def test_predicts_and_emits(tmp_path, monkeypatch, capsys):
    def run(*arguments):
        monkeypatch.setattr("sys.argv", ["chainrule", *map(str, arguments)])
        main()
        return capsys.readouterr().out

    text, (features, target) = BINARY["with gradients"], rows()
    model = fitted(text)
    model.save(tmp_path / "model.safetensors")
    (tmp_path / "note.md").write_text(text)
    lines = ["x_0,x_1,x_2", *(",".join(map(str, row)) for row in features)]
    (tmp_path / "rows.csv").write_text("\n".join(lines))
    out = run("predict", tmp_path / "model.safetensors", tmp_path / "rows.csv")
    labels = [line.split(",")[0] for line in out.split()[1:]]
    assert len(labels) == len(target)
    right = np.mean([int(float(label)) == t for label, t in zip(labels, target, strict=True)])
    assert right == pytest.approx(model.accuracy, abs=0.15)
    out = run("emit", tmp_path / "note.md", "--of", "J", "--by", "W^{[1]}", "--to", "numpy")
    assert "np.tanh" in out


@pytest.mark.parametrize(
    "last, formula",
    [(r"\sigma(Z)", r"\log(1 - a_i)"), (r"\text{softmax}(Z)", r"\log A_{ki}"), ("Z", "^2")],
)
def test_gradients_without_a_loss(last, formula):
    text = rf"$$Z = W X + b$$ $$A = {last}$$ $$dZ = A - Y$$ $$dW = \frac{{1}}{{m}} dZ X^T$$"
    with pytest.raises(NoLoss) as caught:
        find_roles(chainrule.read(text).reading)
    assert formula in caught.value.remedy


@pytest.mark.parametrize(
    "text",
    [
        LAYERS + r"$$L(p, q) = p \log q$$",
        r"$$u = W x$$ $$v = V x$$ $$L(a, y) = (a - y)^2$$",
    ],
)
def test_what_the_loss_compares_is_not_guessed(text):
    with pytest.raises((NoLoss, NotTrainable)):
        find_roles(chainrule.read(text).reading)


def test_doctests():
    assert doctest.testmod(joined).failed == 0
