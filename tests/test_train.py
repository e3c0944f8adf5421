"""Documents that train: roles, accuracy, bytes, weights, extreme logits."""

import json
from pathlib import Path

import numpy as np
import pytest

import chainrule
from chainrule.cli import main
from chainrule.errors import SizeMismatch
from chainrule.training.model import load_model
from chainrule.training.roles import find_roles
from chainrule.training.weights import load

EXAMPLES = Path(__file__).parent.parent / "examples"
SIZES = {
    "softmax_regression": {},
    "sigmoid_network": {"H": 32},
    "softplus_network": {"m": 32},
    "tanh_network": {"H": 24, "M": 20},
}


@pytest.fixture
def command(monkeypatch):
    def run(*arguments):
        monkeypatch.setattr("sys.argv", ["chainrule", *map(str, arguments)])
        main()

    return run


def example(name):
    return chainrule.read(EXAMPLES / f"{name}.md")


@pytest.mark.parametrize("name", SIZES)
def test_examples_are_judged_clean(name):
    report = example(name).check()
    assert {finding.verdict for finding in report.findings} <= {"proved", "holds"}
    assert len(report.findings) >= 5


@pytest.mark.parametrize("name", SIZES)
def test_examples_train(name):
    trained = example(name).fit("digits", size=SIZES[name], epochs=25, learning_rate=0.01)
    assert trained.accuracy >= 0.95
    assert np.isfinite(trained.loss)


def test_roles_are_read_off_the_equations():
    roles = find_roles(example("softplus_network").reading)
    assert (roles.features.name, roles.target.name, roles.prediction) == ("x", "t", "s")
    names = {array.name for array in roles.parameters}
    assert names == {"w^{(1)}", "b^{(1)}", "w^{(2)}", "b^{(2)}"}
    assert roles.constants == (r"\lambda",)


NUMBERS = {
    "logistic": (
        r"Let $x, w \in \mathbb{R}^D$, $b \in \mathbb{R}$. $$p = \sigma(w^\top x + b)$$"
        r" $$J = -y \log p - (1 - y) \log(1 - p)$$",
        ("x", "y", "p", {"w", "b"}, ()),
    ),
    "ridge": (
        r"Let $x, w \in \mathbb{R}^D$, $b \in \mathbb{R}$. $$\hat{y} = w^\top x + b$$"
        r" $$J = \frac{1}{2} (\hat{y} - y)^2 + \frac{\lambda}{2} \|w\|^2$$",
        ("x", "y", r"\hat{y}", {"w", "b"}, (r"\lambda",)),
    ),
    "least squares in one line": (
        r"With $x, \theta \in \mathbb{R}^D$ and a number $y$, $$J = (\theta^\top x - y)^2.$$",
        ("x", "y", "prediction", {"\\theta"}, ()),
    ),
    "hidden layer": (
        r"Let $x \in \mathbb{R}^D$, $W \in \mathbb{R}^{H \times D}$, $v, c \in \mathbb{R}^H$."
        r" $$z = v^\top \tanh(W x + c)$$ $$J = (z - t)^2$$",
        ("x", "t", "z", {"W", "v", "c"}, ()),
    ),
}


@pytest.mark.parametrize("name", NUMBERS)
def test_a_number_as_target(name):
    text, expected = NUMBERS[name]
    roles = find_roles(chainrule.read(text).reading)
    parameters = {array.name for array in roles.parameters}
    found = (roles.features.name, roles.target.name, roles.prediction, parameters, roles.constants)
    assert found == expected


def test_least_squares_are_reached():
    random = np.random.default_rng(3)
    rows, weights = random.normal(size=(200, 3)), np.array([1.0, -2.0, 0.5])
    data = (rows, rows @ weights + 0.25)
    document = chainrule.read(NUMBERS["ridge"][0])
    trained = document.fit(data, epochs=60, learning_rate=0.05, l2=0.0, dtype="float64")
    assert trained.accuracy is None
    np.testing.assert_allclose(trained.predict(rows), data[1], atol=1e-3)


def test_two_classes_by_one_number():
    random = np.random.default_rng(4)
    rows = random.normal(size=(200, 3))
    kinds = np.where(rows @ [1.0, -2.0, 0.5] > 0, "yes", "no")
    document = chainrule.read(NUMBERS["logistic"][0])
    trained = document.fit((rows, kinds), epochs=60, learning_rate=0.05)
    assert (trained.model.classify(rows) == kinds).mean() > 0.95
    with pytest.raises(SizeMismatch, match="has 3 classes"):
        document.fit((rows, np.arange(200) % 3))


def test_same_seed_same_bytes(tmp_path):
    document, files = example("sigmoid_network"), []
    for run in range(2):
        path = tmp_path / f"{run}.safetensors"
        document.fit("digits", size={"H": 8}, epochs=2, seed=3, save_to=path)
        files.append(path.read_bytes())
    assert files[0] == files[1]
    other = tmp_path / "other.safetensors"
    document.fit("digits", size={"H": 8}, epochs=2, seed=4, save_to=other)
    assert other.read_bytes() != files[0]


def test_saved_weights_come_back(tmp_path):
    document, path = example("sigmoid_network"), tmp_path / "weights.safetensors"
    trained = document.fit("digits", size={"H": 8}, epochs=2, save_to=path)
    saved = load(path, trained.network.shapes)
    for name, array in trained.parameters.items():
        np.testing.assert_array_equal(saved.parameters[name], array)
    again = document.fit("digits", size={"H": 8}, epochs=1, learning_rate=1e-12, load_from=path)
    assert abs(again.loss - trained.loss) < 1e-5


def test_a_saved_model_predicts_without_its_document(tmp_path):
    random = np.random.default_rng(1)
    rows = 5 + 3 * random.normal(size=(150, 3))
    kinds = np.where(rows[:, 0] - rows[:, 2] > 0, "up", "down")
    table, path = tmp_path / "table.csv", tmp_path / "model.safetensors"
    lines = [f"{a},{b},{c},{kind}" for (a, b, c), kind in zip(rows, kinds, strict=True)]
    table.write_text("\n".join(["a,b,c,kind", *lines]))
    document = example("softmax_regression")
    trained = document.fit(table, target="kind", epochs=20, learning_rate=0.05, save_to=path)
    model = load_model(path)
    np.testing.assert_array_equal(model.predict(rows), trained.predict(rows))
    assert (model.classify(rows) == kinds).mean() > 0.9
    np.testing.assert_allclose(model.probabilities(rows).sum(axis=1), 1, rtol=1e-6)
    again = document.fit(table, target="kind", epochs=0, load_from=path)
    np.testing.assert_array_equal(again.predict(rows), trained.predict(rows))


def test_prediction_finds_columns_by_their_names(tmp_path, capsys, command):
    random = np.random.default_rng(2)
    rows = random.normal(size=(60, 2))
    table, new, path = (tmp_path / name for name in ("t.csv", "new.csv", "m.safetensors"))
    lines = [f"{a},{b},{'yes' if a > 0 else 'no'}" for a, b in rows]
    table.write_text("\n".join(["a,b,class", *lines]))
    trained = example("softmax_regression").fit(table, epochs=30, save_to=path)
    new.write_text("b,note,a\n0.5,x,2\n0.5,y,-2\n")
    command("predict", path, new, "--format", "json")
    found = [row["class"] for row in json.loads(capsys.readouterr().out)]
    assert found == trained.model.classify([[2, 0.5], [-2, 0.5]]).tolist() == ["yes", "no"]
    new.write_text("b,note\n0.5,x\n")
    with pytest.raises(SystemExit):
        command("predict", path, new)
    assert "other-network" in (said := capsys.readouterr().err) and "no column 'a'" in said


def test_penalty_shrinks_the_weights():
    document = example("sigmoid_network")
    plain = document.fit("digits", size={"H": 8}, epochs=5)
    damped = document.fit("digits", size={"H": 8}, epochs=5, l2=0.05)
    assert np.abs(damped.parameters["W_1"]).mean() < np.abs(plain.parameters["W_1"]).mean()


def test_a_table_with_a_target_column(tmp_path):
    random = np.random.default_rng(0)
    rows = random.normal(size=(200, 3))
    kinds = np.where(rows[:, 0] - rows[:, 2] > 0, "up", "down")
    path = tmp_path / "table.csv"
    lines = ["a,b,c,kind", *(f"{r[0]},{r[1]},{r[2]},{k}" for r, k in zip(rows, kinds, strict=True))]
    path.write_text("\n".join(lines))
    trained = example("softmax_regression").fit(path, target="kind", learning_rate=0.05)
    assert trained.model.classes == ("down", "up")
    assert trained.accuracy >= 0.9
    assert trained.predict(rows).shape == (200, 2)


def test_extreme_logits_stay_finite_in_float32():
    trained = example("softmax_regression").fit("digits", epochs=1)
    network = trained.network
    parameters = {n: np.zeros_like(a) for n, a in trained.parameters.items()}
    parameters["b"][:2] = (1000.0, -1000.0)
    features = np.zeros((3, 64), np.float32)
    target = np.eye(10, dtype=np.float32)[:3]
    loss, slopes = network.step(parameters, features, target)
    assert loss == pytest.approx((0 + 2000 + 1000) / 3, rel=1e-6)
    expected = np.tile(np.eye(10)[0], (3, 1)) - target
    np.testing.assert_allclose(slopes["b"], expected.mean(axis=0), atol=1e-6)


@pytest.mark.parametrize("optimiser", ["sgd", "momentum"])
@pytest.mark.parametrize("l2", [0.0, 0.1])
def test_the_learning_rate_goes_through_backpropagation(optimiser, l2):
    options = {"epochs": 1, "batch": 10_000, "optimiser": optimiser, "l2": l2, "dtype": "float64"}
    options["size"] = SIZES["tanh_network"]
    runs = {
        rate: example("tanh_network").fit("digits", learning_rate=rate, **options)
        for rate in (0.01, 0.02, 0.04)
    }
    moved = {rate: run.parameters for rate, run in runs.items()}
    for name, array in moved[0.01].items():
        steps = moved[0.02][name] - array, (moved[0.04][name] - moved[0.02][name]) / 2
        np.testing.assert_allclose(*steps, rtol=1e-9, atol=1e-15)
        slope = np.sqrt(np.mean(np.square(steps[0] / 0.01)))
        told = [run.fitted.history[0].gradients[name] for run in runs.values()]
        np.testing.assert_allclose(told, slope, rtol=1e-6)
