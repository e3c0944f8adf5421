"""What happens between epochs: schedules, stopping, checkpoints, logs, class weights."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import chainrule
from chainrule import errors
from chainrule.training import course, metrics
from chainrule.training.course import SCHEDULES, Course
from chainrule.training.fit import Epoch
from chainrule.training.network import Network
from chainrule.training.plots import plot
from chainrule.training.progress import logged, vanishing

SIGMOID = Path(__file__).parent.parent / "examples" / "sigmoid_network.md"
OPTIONS = {"size": {"H": 8}, "epochs": 6, "held_out": 0.5}


@pytest.fixture(scope="module")
def document():
    return chainrule.read(SIGMOID)


@pytest.mark.parametrize("name", SCHEDULES)
def test_schedules_fall_from_one(name):
    factors = [Course(name).factor(epoch, 30) for epoch in range(1, 31)]
    assert factors[0] == 1 and factors == sorted(factors, reverse=True)
    assert all(0 < factor <= 1 for factor in factors)


@pytest.mark.parametrize("optimiser", ["adam", "momentum", "sgd"])
def test_a_resumed_run_ends_where_the_whole_one_does(document, tmp_path, monkeypatch, optimiser):
    options = {**OPTIONS, "optimiser": optimiser, "schedule": "cosine", "patience": 5}
    whole = document.fit("digits", **options)
    path = tmp_path / "run.safetensors"
    calls, step = [], Network.step

    def failing(*arguments, **options):
        calls.append(1)
        if len(calls) > 85:
            raise SystemError
        return step(*arguments, **options)

    with monkeypatch.context() as patch:
        patch.setattr(Network, "step", failing)
        with pytest.raises(SystemError):
            document.fit("digits", **options, checkpoint=path)
    again = document.fit("digits", **options, checkpoint=path, resume=True)
    assert [e.loss for e in again.fitted.history] == [e.loss for e in whole.fitted.history]
    for name, array in whole.parameters.items():
        np.testing.assert_array_equal(again.parameters[name], array)


def test_a_killed_process_leaves_a_whole_checkpoint(tmp_path):
    path = tmp_path / "run.safetensors"
    arguments = ["train", SIGMOID, "--size", "H=8", "--epochs", 100000, "--checkpoint", path]
    command = [sys.executable, "-m", "chainrule", *map(str, arguments)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        while not path.exists() and process.poll() is None:
            pass
        os.kill(process.pid, signal.SIGKILL)
    fitted = chainrule.read(SIGMOID).fit(
        "digits", size={"H": 8}, epochs=1, checkpoint=path, resume=True
    )
    assert len(fitted.fitted.history) >= 1


def test_another_run_is_not_resumed(document, tmp_path):
    path = tmp_path / "run.safetensors"
    document.fit("digits", **(OPTIONS | {"epochs": 1}), checkpoint=path)
    with pytest.raises(errors.OtherNetwork, match="seed"):
        document.fit("digits", **OPTIONS, checkpoint=path, resume=True, seed=1)
    document.fit("digits", **(OPTIONS | {"epochs": 0}), save_to=path)
    with pytest.raises(errors.UnreadableData, match="is no checkpoint"):
        document.fit("digits", **OPTIONS, checkpoint=path, resume=True)


def test_patience_keeps_the_best_epoch(document):
    options = OPTIONS | {"epochs": 200, "learning_rate": 0.3}
    trained = document.fit("digits", **options, patience=2)
    losses = [epoch.validation_loss for epoch in trained.fitted.history]
    assert len(losses) < 200
    assert trained.fitted.best == 1 + int(np.argmin(losses)) == len(losses) - 2


def test_balanced_classes(document):
    random = np.random.default_rng(0)
    rows = random.normal(size=(400, 2)) + np.repeat([[0.0], [1.0]], [380, 20], axis=0)
    kinds = np.repeat(["many", "few"], [380, 20])
    found = {
        weights: document.fit(
            (rows, kinds), size={"H": 8}, epochs=30, learning_rate=0.02, class_weights=weights
        ).confusion
        for weights in ("none", "balanced")
    }
    assert found["balanced"][0, 0] > found["none"][0, 0]
    assert found["none"].sum() == found["balanced"].sum() == 100


@pytest.mark.parametrize(
    "options",
    [
        {"schedule": "sometimes"},
        {"patience": 0},
        {"resume": True},
        {"class_weights": "heavy"},
        {"optimiser": "newton", "engine": "jax"},
        {"devices": 2},
    ],
)
def test_options_that_make_no_sense(document, options):
    with pytest.raises(errors.BadOption):
        document.fit("digits", **(OPTIONS | {"epochs": 1}), **options)


def test_the_equation_that_left_the_numbers_is_named():
    text = r"Let $x, w \in \mathbb{R}^D$. $$f = w^\top x$$ $$q = e^{f}$$ $$J = (q - y)^2$$"
    rows = np.array([[100.0], [-100.0], [90.0], [-90.0]] * 4)
    data = (rows, np.linspace(0.1, 0.9, 16))
    with pytest.raises(errors.NotFinite, match=r"since q\[\d+\] = inf in q\[n\] = exp"):
        chainrule.read(text).fit(data, optimiser="sgd", learning_rate=1e6, batch=2)


@pytest.mark.parametrize("suffix", [".csv", ".jsonl"])
def test_a_log_has_a_line_for_each_epoch(document, tmp_path, suffix):
    path = tmp_path / f"log{suffix}"
    document.fit("digits", **(OPTIONS | {"epochs": 3}), progress=logged(path))
    lines = path.read_text().splitlines()
    if suffix == ".csv":
        assert lines.pop(0).startswith("epoch,loss,held_out_loss")
        assert [line.partition(",")[0] for line in lines] == ["1", "2", "3"]
    else:
        assert [json.loads(line)["epoch"] for line in lines] == [1, 2, 3]


def test_calibration():
    labels = np.array([0, 0, 0, 1])
    assert metrics.calibration_error(np.tile([0.75, 0.25], (4, 1)), labels) == 0
    assert metrics.calibration_error(np.full(4, 0.25), labels) == 0
    assert metrics.calibration_error(np.tile([1.0, 0.0], (4, 1)), labels) == 0.25
    assert course.PLAIN == Course()


def test_a_gradient_that_vanishes_is_named(document):
    def epoch(**gradients):
        return Epoch(1, 1.0, None, None, 0.1, None, gradients)

    assert vanishing([epoch(W=1e-2, V=1e-1)], ["W", "V"]) is None
    assert "that of W is 1e-07 of that of V" in vanishing([epoch(W=1e-8, V=1e-1)], ["W", "V"])
    history = document.fit("digits", **(OPTIONS | {"epochs": 1})).fitted.history
    assert set(history[0].gradients) == {"W_1", "W_2", "b_1", "b_2"}
    assert vanishing(history, ["W_1", "W_2"]) is None


def test_plots(document, tmp_path):
    pytest.importorskip("matplotlib")
    trained = document.fit("digits", **(OPTIONS | {"epochs": 2}))
    files = plot(trained, tmp_path / "plots")
    assert [path.stem for path in files] == ["loss", "gradients", "confusion", "mistakes"]
    assert all(b"</svg>" in path.read_bytes() for path in files)
    with pytest.raises(errors.BadOption, match="cannot be made"):
        plot(trained, files[0])
