"""Networks whose filters run over pictures: code by slices against `evaluate` and differences."""

import numpy as np
import pytest

import chainrule
from chainrule.errors import SizeMismatch
from chainrule.training.data import from_arrays
from chainrule.training.model import load_model
from chainrule.training.sizing import network_for
from chainrule.training.sources import load
from windows import NETWORKS, network


@pytest.mark.parametrize("name", NETWORKS)
def test_a_step_is_what_evaluate_has(name):
    found, parameters, batch = network(name)
    loss, slopes = found.step(parameters, *batch)
    program, outputs = found.step_program
    sizes = {**found.sizes, "examples": len(batch[0])}
    wanted = program.run(found.values(parameters, *batch), sizes)
    assert loss == pytest.approx(float(wanted[outputs[0]]), rel=1e-12)
    for slope, output in zip(slopes.values(), outputs[1:], strict=True):
        np.testing.assert_allclose(slope, wanted[output], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", NETWORKS)
def test_slopes_are_those_of_differences(name):
    found, parameters, batch = network(name)
    slopes = {n: slope.copy() for n, slope in found.step(parameters, *batch)[1].items()}
    random = np.random.default_rng(0)
    for n, slope in slopes.items():
        step = 1e-6 * random.normal(size=slope.shape)
        ends = [found.loss({**parameters, n: parameters[n] + s * step}, *batch) for s in (1, -1)]
        assert (slope * 2 * step).sum() == pytest.approx(ends[0] - ends[1], rel=1e-4, abs=1e-12)


@pytest.mark.parametrize("name", NETWORKS)
def test_blocks_and_single_precision_give_the_same(name):
    found, parameters, batch = network(name, 19)
    loss, slopes = found.step(parameters, *batch)
    others = ({"memory": 0}, 1e-10), ({"dtype": "float32"}, 2e-4)
    for options, tolerance in others:
        other = network(name, 19, **options)
        kind = other[0].dtype
        given = {n: array.astype(kind) for n, array in other[1].items()}
        same, own = other[0].step(given, *(array.astype(kind) for array in other[2]))
        assert same == pytest.approx(loss, rel=tolerance)
        for n, slope in slopes.items():
            np.testing.assert_allclose(own[n], slope, rtol=tolerance, atol=tolerance)


def test_windows_are_slices_and_their_products_those_of_matrices():
    source = network("filters, the largest of squares, filters")[0].source
    assert "einsum" not in source and "np.take" not in source
    assert source.count("for here, there in") == 5
    assert "np.dot(G.reshape(2, 3 * 2 * 2), windows_of_m.reshape(3 * 2 * 2, 2 * 2 * ex" in source
    # The slope of G is a long sum, in parts; no two squares share an element, so that it is set.
    assert "np.add.reduce(np.matmul(windows_of_m.reshape(3 * 2 * 2, 2, 2 * examples)" in source
    assert source.count("[there] =") == source.count("[there] +=") == 1


def test_sizes_follow_from_the_picture():
    found = network("as large as the picture, every second")[0]
    assert {"h is 2 × 6 × 6", "g is 2 × 3 × 3"} <= set(found.assumed)


def test_a_picture_that_does_not_fit_is_refused():
    text = NETWORKS["filters, the largest of squares, filters"][0]
    reading = chainrule.read(text + r"$$ J = -\sum_k y_k \log \text{softmax}(z)_k $$").reading
    data = from_arrays(np.zeros((4, 5, 5)), np.arange(4) % 2)
    with pytest.raises(SizeMismatch, match="x has size 8 in the document, but arrays has 5"):
        network_for(reading, data, {})


def test_the_example_learns_and_predicts(tmp_path):
    document = chainrule.read("examples/convolution.md")
    trained = document.fit("digits", size={"C": 4, "D": 6}, epochs=2, save_to=tmp_path / "m")
    assert trained.accuracy > 0.3
    rows = load("digits").features[:50]
    again = load_model(tmp_path / "m")
    np.testing.assert_array_equal(again.predict(rows), trained.predict(rows))
    assert again.predict(rows).shape == (50, 10)
