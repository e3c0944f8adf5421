"""Optimisers against their formulas as printed in the papers, and where training starts."""

import doctest

import numpy as np
import pytest

from chainrule.errors import BadOption
from chainrule.training import initialise as initialise_module
from chainrule.training import optimise
from chainrule.training.initialise import initialise
from chainrule.training.optimise import OPTIMISERS, SGD, Adam, Momentum, optimiser


def plain_sgd(rule, p, gradients):
    for g in gradients:
        p = p - rule.learning_rate * g
    return p


def plain_momentum(rule, p, gradients):
    v = 0
    for g in gradients:
        v = rule.decay * v - rule.learning_rate * g
        p = p + v
    return p


def plain_adam(rule, p, gradients):
    m = v = 0
    for t, g in enumerate(gradients, 1):
        m = rule.first_decay * m + (1 - rule.first_decay) * g
        v = rule.second_decay * v + (1 - rule.second_decay) * g**2
        m_hat, v_hat = m / (1 - rule.first_decay**t), v / (1 - rule.second_decay**t)
        p = p - rule.learning_rate * m_hat / (np.sqrt(v_hat) + rule.stabiliser)
    return p


CASES = [
    (SGD(0.3), plain_sgd),
    (Momentum(0.3, 0.8), plain_momentum),
    (Adam(0.3), plain_adam),
    (Adam(0.3, 0.5, 0.7, 1e-2), plain_adam),
]


@pytest.mark.parametrize(("rule", "plain"), CASES)
def test_updates_are_the_formula(rule, plain):
    generator = np.random.default_rng(5)
    parameters = {"W": generator.normal(size=(3, 5)), "b": generator.normal(size=7)}
    gradients = [
        {name: generator.normal(size=array.shape) for name, array in parameters.items()}
        for _ in range(7)
    ]
    expected = {n: plain(rule, p.copy(), [g[n] for g in gradients]) for n, p in parameters.items()}
    arrays = dict(parameters)
    state = rule.start(parameters)
    for gradient in gradients:
        scaled = {name: rule.scale * array for name, array in gradient.items()}
        before = {name: array.copy() for name, array in scaled.items()}
        rule.update(parameters, scaled, state)
        assert all(np.array_equal(scaled[name], before[name]) for name in before)
    for name, parameter in parameters.items():
        assert parameter is arrays[name]
        np.testing.assert_allclose(parameter, expected[name], rtol=1e-12)


@pytest.mark.parametrize("name", OPTIMISERS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_every_rule_goes_down_a_bowl_in_its_own_type(name, dtype):
    parameters = {"p": np.array([3.0, -2.0], dtype), "s": np.array(1.0, dtype)}
    rule = optimiser(name, 0.05)
    state = rule.start(parameters)
    for _ in range(300):
        rule.update(parameters, {n: 2 * rule.scale * p for n, p in parameters.items()}, state)
    assert all(np.abs(p).max() < 0.01 for p in parameters.values())
    assert all(p.dtype == dtype for p in parameters.values())


def test_unknown_optimiser_names_the_known_ones():
    with pytest.raises(BadOption) as caught:
        optimiser("lion")
    assert all(name in caught.value.render() for name in ("lion", "sgd", "momentum", "adam"))


@pytest.mark.parametrize("rate", [0, -1, float("nan"), float("inf")])
def test_learning_rate_that_makes_no_sense(rate):
    with pytest.raises(BadOption, match="learning rate"):
        optimiser("sgd", rate)


def test_examples_in_docstrings():
    for module in (optimise, initialise_module):
        result = doctest.testmod(module)
        assert result.failed == 0
        assert result.attempted > 0


SHAPES = {"W_1": (211, 307), "b_1": (307,), "W_2": (307, 101), "b_2": (101,)}
FAN_IN = {"W_1": 211, "W_2": 307}


def test_widths_follow_fan_in_and_activation():
    start = initialise(SHAPES, FAN_IN, {"W_1": "relu", "W_2": "tanh"}, dtype=np.float64)
    assert np.isclose(start["W_1"].var(), 2 / 211, rtol=0.03)
    assert np.isclose(start["W_2"].var(), 2 / (307 + 101), rtol=0.03)
    assert np.abs(start["W_2"]).max() <= np.sqrt(6 / (307 + 101))
    assert not start["b_1"].any()
    assert not start["b_2"].any()


def test_a_weight_vector_is_random_and_marked_biases_are_zero():
    shapes = {"w": (31,), "b": (31,), "column": (31, 1), "offset": ()}
    start = initialise(shapes, {"w": 31, "b": 1}, {})
    assert start["w"].std() > 0
    assert not any(start[name].any() for name in ("b", "column", "offset"))
    assert {name: array.shape for name, array in start.items()} == shapes


def test_a_new_parameter_changes_no_other():
    few = initialise({"W_2": (3, 5)}, FAN_IN, {}, seed=7)
    many = initialise({"W_1": (3, 5), "V": (2, 2), "W_2": (3, 5)}, FAN_IN | {"V": 2}, {}, seed=7)
    assert np.array_equal(few["W_2"], many["W_2"])
    assert not np.array_equal(many["W_1"], many["W_2"])
    assert not np.array_equal(initialise({"W_2": (3, 5)}, FAN_IN, {}, seed=8)["W_2"], few["W_2"])


def test_types_start_at_one_place():
    single = initialise(SHAPES, FAN_IN, {}, dtype=np.float32)
    double = initialise(SHAPES, FAN_IN, {}, dtype=np.float64)
    assert single["W_1"].dtype == np.float32
    assert np.array_equal(single["W_1"], double["W_1"].astype(np.float32))
