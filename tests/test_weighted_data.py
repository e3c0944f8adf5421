"""Weights of examples and targets that are shares of classes, from files and in training."""

import numpy as np
import pytest

import chainrule
from chainrule.errors import BadOption, SizeMismatch, UnreadableData
from chainrule.training.data import with_classes
from chainrule.training.sources import load
from chainrule.training.stored import ByRows

SOFTMAX = (
    r"$x \in \mathbb{R}^{1 \times D}$, $W \in \mathbb{R}^{D \times K}$, $b \in \mathbb{R}^{K}$,"
    r" $y$ a one-hot row. $$p = \text{softmax}(x W + b)$$ "
)
ENTROPY = r"$$J = -\sum_k y_k \log p_k$$"
SQUARES = r"$$J = \frac{1}{2} \sum_k (p_k - y_k)^2$$"
OPTIONS = {"epochs": 2, "dtype": "float64", "batch": 7}


def rows(count=60):
    generator = np.random.default_rng(5)
    features = generator.standard_normal((count, 3))
    return features, np.arange(count) % 3, generator.uniform(0.5, 2, count)


def csv(folder):
    features, target, weights = rows()
    lines = ["a,b,w,c,y"]
    for (a, b, c), label, weight in zip(features, target, weights, strict=True):
        lines.append(f"{a!r},{b!r},{weight!r},{c!r},{label}")
    (folder / "d.csv").write_text("\n".join(lines).replace("np.float64(", "").replace(")", ""))
    return folder / "d.csv"


def parquet(folder):
    polars = pytest.importorskip("polars")
    features, target, weights = rows()
    columns = dict(zip("abc", features.T, strict=True)) | {"w": weights, "y": target}
    polars.DataFrame(columns).write_parquet(folder / "d.parquet")
    return folder / "d.parquet"


def npz(folder):
    features, target, weights = rows()
    np.savez(folder / "d.npz", X=features, y=target, w=weights)
    return folder / "d.npz"


def npy(folder):
    features, target, weights = rows()
    for name, array in (("X", features), ("y", target), ("w", weights)):
        np.save(folder / f"{name}.npy", array)
    return folder / "X.npy"


@pytest.mark.parametrize("make", [csv, parquet, npz, npy], ids=lambda make: make.__name__)
@pytest.mark.parametrize("memory", [None, 100])
def test_weights_are_a_column_or_an_array(make, memory, tmp_path):
    features, target, weights = rows()
    data = load(make(tmp_path), None, memory, "w")
    assert isinstance(data.features, ByRows) == (memory is not None)
    np.testing.assert_allclose(data.features[:], features, rtol=1e-6)
    np.testing.assert_array_equal(data.target, target)
    np.testing.assert_allclose(data.weights, weights / weights.mean())
    assert data.features.shape == (60, 3) and "w" not in data.feature_names


def test_an_example_of_weight_two_counts_as_two(tmp_path):
    features, target, _ = rows()
    weights = np.where(np.arange(60) % 5 == 0, 2, 1)
    np.savez(tmp_path / "d.npz", X=features, y=target, w=weights)
    document = chainrule.read(SOFTMAX + ENTROPY)
    network = document.fit(tmp_path / "d.npz", weights="w", **OPTIONS | {"epochs": 0}).network
    assert network.weighted
    parameters = {"W": np.ones((3, 3)), "b": np.arange(3.0)}
    rows_ = np.eye(3)[target]
    loss, slopes = network.step(parameters, features, rows_, weights / weights.mean())
    twice = np.repeat(np.arange(60), weights)
    wanted, others = network.step(parameters, features[twice], rows_[twice])
    assert loss == pytest.approx(wanted)
    for name, slope in slopes.items():
        np.testing.assert_allclose(slope, others[name], atol=1e-12)


@pytest.mark.parametrize("engine", ["numpy", "jax"])
def test_training_takes_the_weights(engine, tmp_path):
    if engine == "jax":
        pytest.importorskip("jax")
    document, path = chainrule.read(SOFTMAX + ENTROPY), npz(tmp_path)
    plain, weighted, apart = (
        document.fit(path, engine=engine, **OPTIONS, **more)
        for more in ({}, {"weights": "w"}, {"weights": "w", "memory": 100})
    )
    assert plain.parameters["W"] != pytest.approx(weighted.parameters["W"], abs=1e-4)
    assert apart.parameters["W"] == pytest.approx(weighted.parameters["W"], abs=1e-9)


@pytest.mark.parametrize(
    "wrong, error, message",
    [
        (-np.ones(60), UnreadableData, "from 0 on"),
        (np.zeros(60), UnreadableData, "all weights"),
        (np.ones(59), SizeMismatch, "60 examples"),
        (np.full(60, np.nan), UnreadableData, "from 0 on"),
    ],
)
def test_strange_weights(wrong, error, message, tmp_path):
    features, target, _ = rows()
    np.savez(tmp_path / "d.npz", X=features, y=target, w=wrong)
    with pytest.raises(error, match=message):
        load(tmp_path / "d.npz", weights="w")


def test_weights_that_are_not_there(tmp_path):
    for make in (csv, npz, npy):
        with pytest.raises(UnreadableData, match="'v'"):
            load(make(tmp_path), weights="v")
    with pytest.raises(BadOption, match="digits"):
        load("digits", weights="w")


def test_an_array_that_is_not_used_is_named(tmp_path):
    assert load(npz(tmp_path)).unused == ("w",)
    assert load(npz(tmp_path), weights="w").unused == ()


def soft_rows():
    shares = np.random.default_rng(9).dirichlet([1, 2, 3], 60)
    return rows()[0], shares


@pytest.mark.parametrize("loss", [ENTROPY, SQUARES], ids=["entropy", "squares"])
@pytest.mark.parametrize("engine", ["numpy", "jax"])
def test_shares_of_classes_have_the_right_gradient(loss, engine):
    if engine == "jax":
        pytest.importorskip("jax")
    features, shares = soft_rows()
    trained = chainrule.read(SOFTMAX + loss).fit((features, shares), engine=engine, **OPTIONS)
    assert trained.test.soft and trained.test.classes == ("0", "1", "2")
    network, parameters = trained.network, {k: v.copy() for k, v in trained.parameters.items()}
    _, slopes = network.step(parameters, features, shares)
    for name, array in parameters.items():
        for place in np.ndindex(array.shape):
            ends = []
            for step in (1e-5, -1e-5):
                array[place] += step
                ends.append(network.loss(parameters, features, shares))
                array[place] -= step
            assert slopes[name][place] == pytest.approx((ends[0] - ends[1]) / 2e-5, abs=1e-8)


def test_shares_keep_their_classes():
    features, shares = soft_rows()
    data = chainrule.read(SOFTMAX + ENTROPY).fit((features, shares), **OPTIONS).test
    turned = with_classes(data, ("2", "1", "0", "3"))
    np.testing.assert_array_equal(turned.target[:, :3], data.target[:, ::-1])
    assert not turned.target[:, 3].any()
    values = chainrule.read(SOFTMAX + SQUARES).fit((features, 2 * shares), **OPTIONS).test
    assert values.classes is None and not values.soft
