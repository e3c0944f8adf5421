"""The training loop, on networks written by hand: what it learns, keeps and refuses."""

import io

import numpy as np
import pytest
from rich.console import Console

from chainrule import errors
from chainrule.training import optimise
from chainrule.training.data import from_arrays, one_hot, replace, split
from chainrule.training.fit import Epoch, Trainable, fit, measure
from chainrule.training.metrics import accuracy
from chainrule.training.optimise import OPTIMISERS
from chainrule.training.progress import EpochBar
from chainrule.training.sources import load


class SoftmaxRegression(Trainable):
    """Mean cross-entropy of softmax(x W + b); its gradients are buffers that are used again."""

    def __init__(self, features, classes):
        self.shapes = {"W": (features, classes), "b": (classes,)}
        self.gradients = {n: np.empty(s, np.float32) for n, s in self.shapes.items()}

    def predict(self, parameters, features):
        scores = features @ parameters["W"] + parameters["b"]
        scores -= scores.max(axis=1, keepdims=True)
        np.exp(scores, out=scores)
        return scores / scores.sum(axis=1, keepdims=True)

    def loss(self, parameters, features, target):
        scores = self.predict(parameters, features)
        return float(-np.log(scores[np.arange(len(target)), target]).mean())

    def step(self, parameters, features, target, scale=1.0):
        scores = self.predict(parameters, features)
        rows = np.arange(len(target))
        loss = float(-np.log(scores[rows, target]).mean())
        scores[rows, target] -= 1
        scores *= scale / len(target)
        np.matmul(features.T, scores, out=self.gradients["W"])
        scores.sum(axis=0, out=self.gradients["b"])
        return loss, self.gradients


class LeastSquares(Trainable):
    """Half the mean squared error of x · w."""

    def __init__(self, features):
        self.shapes = {"w": (features,)}
        self.batches = []

    def predict(self, parameters, features):
        return features @ parameters["w"]

    def loss(self, parameters, features, target):
        return float(np.mean((self.predict(parameters, features) - target) ** 2) / 2)

    def step(self, parameters, features, target, scale=1.0):
        self.batches.append((features.copy(), target.copy()))
        error = self.predict(parameters, features) - target
        slope = features.T @ error * (scale / len(target))
        return self.loss(parameters, features, target), {"w": slope}


class Interrupted(SoftmaxRegression):
    """As if Ctrl-C were pressed during one of the steps."""

    def __init__(self, features, classes, at):
        super().__init__(features, classes)
        self.left = at

    def step(self, parameters, features, target, scale=1.0):
        self.left -= 1
        if self.left < 0:
            raise KeyboardInterrupt
        return super().step(parameters, features, target, scale)


DIGITS = split(load("digits"), 0.25, seed=0)


def numbered(count, features=1):
    """Examples that carry their own number, in features and target."""
    rows = np.arange(count, dtype=float)[:, None] + np.zeros(features)
    return from_arrays(rows, np.arange(count) + 0.5)


@pytest.mark.parametrize("name", OPTIMISERS)
def test_digits_are_learnt(name):
    rates = {"sgd": 0.5, "momentum": 0.1, "adam": 0.01}
    network = SoftmaxRegression(64, 10)
    fitted = fit(network, *DIGITS, epochs=20, optimiser=name, learning_rate=rates[name])
    last = fitted.history[-1]
    assert last.held_out_accuracy >= 0.94
    assert last.held_out_loss < 0.25
    assert last.loss < fitted.history[0].loss / 3
    assert [epoch.epoch for epoch in fitted.history] == list(range(1, 21))
    assert measure(network, fitted.parameters, DIGITS[1]) == (
        last.held_out_loss,
        last.held_out_accuracy,
    )
    assert not fitted.interrupted


def test_least_squares_reach_the_closed_form():
    generator = np.random.default_rng(11)
    features = generator.normal(size=(101, 5))
    target = features @ generator.normal(size=5) + 0.1 * generator.normal(size=101)
    data = from_arrays(features, target)
    fitted = fit(
        LeastSquares(5), data, epochs=400, batch=101, optimiser="sgd", learning_rate=0.5,
        dtype=np.float64,
    )  # fmt: skip
    expected = np.linalg.lstsq(features, target)[0]
    np.testing.assert_allclose(fitted.parameters["w"], expected, atol=1e-10)
    assert fitted.history[-1].held_out_loss is None


def test_held_out_values_have_a_loss_and_no_accuracy():
    train, test = split(numbered(20))
    last = fit(LeastSquares(1), train, test, epochs=2, learning_rate=1e-4).history[-1]
    assert last.held_out_loss > 0
    assert last.held_out_accuracy is None


def test_every_example_comes_once_an_epoch_in_a_new_order():
    network = LeastSquares(3)
    fit(network, numbered(23, 3), epochs=2, batch=5, learning_rate=1e-4)
    assert [len(target) for _, target in network.batches] == [5, 5, 5, 5, 3] * 2
    for features, target in network.batches:
        assert features.dtype == np.float32
        assert (features == target[:, None] - 0.5).all()
    targets = [target for _, target in network.batches]
    orders = [np.concatenate(targets[:5]), np.concatenate(targets[5:])]
    assert all(sorted(order) == list(np.arange(23) + 0.5) for order in orders)
    assert orders[0].tolist() != orders[1].tolist()


def test_a_batch_larger_than_the_data_is_all_of_it():
    network = LeastSquares(1)
    fit(network, numbered(3), epochs=1, batch=1000, learning_rate=1e-4)
    assert [len(target) for _, target in network.batches] == [3]


def test_one_hot_targets_count_as_classes():
    class Hot(SoftmaxRegression):
        def loss(self, parameters, features, target):
            return super().loss(parameters, features, target.argmax(axis=1))

        def step(self, parameters, features, target, scale=1.0):
            assert target.dtype == np.float32
            return super().step(parameters, features, target.argmax(axis=1), scale)

    parts = [replace(part, target=one_hot(part.target, part.classes)) for part in DIGITS]
    options = {"epochs": 3, "learning_rate": 0.01}
    hot = fit(Hot(64, 10), *parts, **options)
    numbers = fit(SoftmaxRegression(64, 10), *DIGITS, **options)
    assert hot.history[-1].held_out_accuracy == numbers.history[-1].held_out_accuracy


def bytes_of(fitted):
    return b"".join(fitted.parameters[name].tobytes() for name in sorted(fitted.parameters))


@pytest.mark.parametrize("name", OPTIMISERS)
def test_same_seed_same_bytes(name):
    runs = [
        fit(SoftmaxRegression(64, 10), *DIGITS, epochs=2, seed=seed, optimiser=name)
        for seed in (1, 1, 2)
    ]
    assert bytes_of(runs[0]) == bytes_of(runs[1]) != bytes_of(runs[2])
    assert [e.loss for e in runs[0].history] == [e.loss for e in runs[1].history]


@pytest.mark.parametrize("shape", [(), (7,), (13, 3), (3, 40)])
@pytest.mark.parametrize("name", OPTIMISERS)
def test_steps_piece_by_piece_are_those_of_the_whole(name, shape, monkeypatch):
    random, rule, found = np.random.default_rng(0), OPTIMISERS[name](), []
    first, *slopes = random.standard_normal((4, *shape))
    for piece in (1000, 10):
        monkeypatch.setattr(optimise, "PIECE", piece)
        parameters = {"W": np.array(first, order="F")}
        state = rule.start(parameters)
        for slope in slopes:
            rule.update(parameters, {"W": np.asarray(slope)}, state)
        found.append(parameters["W"])
    np.testing.assert_array_equal(*found)
    assert not np.array_equal(found[0], first)


def test_training_from_given_weights_leaves_them_alone():
    network = SoftmaxRegression(64, 10)
    first = fit(network, *DIGITS, epochs=5, learning_rate=0.01)
    kept = bytes_of(first)
    unchanged = fit(network, *DIGITS, epochs=0, start=first.parameters)
    assert bytes_of(unchanged) == kept
    assert unchanged.history == ()
    further = fit(network, *DIGITS, epochs=1, learning_rate=0.01, start=first.parameters)
    assert bytes_of(first) == kept
    assert further.history[0].loss < first.history[1].loss


@pytest.mark.parametrize("start", [{}, {"W": np.zeros((64, 10))}, {"W": np.eye(3), "b": np.eye(1)}])
def test_start_of_another_network(start):
    with pytest.raises(errors.OtherNetwork, match="64 × 10"):
        fit(SoftmaxRegression(64, 10), *DIGITS, start=start)


def test_interruption_keeps_what_was_learnt():
    steps = -(-len(DIGITS[0].features) // 32)
    options = {"epochs": 9, "learning_rate": 0.01}
    cut = fit(Interrupted(64, 10, at=2 * steps + 5), *DIGITS, **options)
    whole = fit(SoftmaxRegression(64, 10), *DIGITS, **options | {"epochs": 2})
    assert cut.interrupted
    assert [e.loss for e in cut.history] == [e.loss for e in whole.history]
    assert bytes_of(cut) != bytes_of(whole)
    loss, right = measure(SoftmaxRegression(64, 10), cut.parameters, DIGITS[1])
    assert right > 0.85
    assert np.isfinite(loss)


def test_interruption_at_once_keeps_the_start():
    cut = fit(Interrupted(64, 10, at=0), *DIGITS)
    assert cut.interrupted
    assert cut.history == ()
    assert np.isfinite(cut.parameters["W"]).all()


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(("rate", "part"), [(1e30, "step"), (1e39, "end of epoch")])
def test_divergence_names_epoch_and_step_without_warnings(rate, part):
    with pytest.raises(errors.NotFinite) as caught:
        fit(LeastSquares(1), numbered(20), optimiser="sgd", learning_rate=rate, batch=20)
    assert "epoch 1" in caught.value.message or "epoch 2, step 1" in caught.value.message
    assert part in caught.value.message
    assert "smaller learning rate" in caught.value.remedy


@pytest.mark.parametrize(
    "option",
    [{"epochs": -1}, {"batch": 0}, {"seed": -1}, {"optimiser": "magic"}, {"learning_rate": 0}],
)
def test_options_that_make_no_sense(option):
    with pytest.raises(errors.BadOption):
        fit(SoftmaxRegression(64, 10), *DIGITS, **option)


def test_accuracy_of_probabilities_of_one_class():
    values = np.array([0.1, 0.5, 0.9, 0.4])
    labels = np.array([0, 1, 1, 1])
    assert accuracy(values, labels) == accuracy(values[:, None], labels) == 0.75


@pytest.mark.parametrize("terminal", [True, False])
def test_progress_ends_with_one_line(terminal):
    written = io.StringIO()
    console = Console(file=written, force_terminal=terminal, width=120)
    with EpochBar(3, console=console) as bar:
        for number in (1, 2, 3):
            bar(Epoch(number, 1 / number, 0.5, 0.75, 0.01))
    last = written.getvalue().strip().splitlines()[-1]
    for part in ("epoch 3/3", "loss 0.3333", "held-out loss 0.5000", "held-out accuracy 0.7500"):
        assert part in last
    assert terminal or written.getvalue().count("\n") == 1


def test_progress_is_called_after_each_epoch():
    seen = []
    fitted = fit(SoftmaxRegression(64, 10), *DIGITS, epochs=3, progress=seen.append)
    assert tuple(seen) == fitted.history
