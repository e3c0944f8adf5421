"""The engine JAX gives what `evaluate` and the NumPy engine give, on one device and on two."""

import os
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import chainrule
from chainrule.errors import BadOption, NotFinite
from chainrule.mathematics.functions import FUNCTIONS
from chainrule.program.build import build
from chainrule.training.sources import load
from large_files import large_file
from networks import GRADIENTS, one_hidden_layer, values
from test_blocks import FALL_APART, vocabulary
from test_program import SIZES, SPECIAL, VALUES, function_program, program_of
from windows import NETWORKS, network

pytest.importorskip("jax")
from chainrule.training.device import DeviceEpochs

EXAMPLES = Path(__file__).parent.parent / "examples"
DTYPES = {"float32": 2e-5, "float64": 1e-11}


def assert_right(program, given):
    """Both dtypes agree with `evaluate`, for inputs exact in float32."""
    outputs = [definition.name for definition in program.definitions]
    arrays = {array.name: array for array in program.inputs}
    exact = {name: np.asarray(given[name], np.float32).astype(float) for name in arrays}
    sizes = dict(SIZES)
    for name, array in arrays.items():
        sizes |= dict(zip(array.sizes, exact[name].shape, strict=True))
    wanted = program.run(exact, {k: v for k, v in sizes.items() if isinstance(k, str)})
    for dtype, tolerance in DTYPES.items():
        got = build(program, outputs, "jax", dtype, sizes=SIZES)(exact)
        for name in outputs:
            scale = np.max(np.abs(np.where(np.isfinite(wanted[name]), wanted[name], 0)), initial=1)
            np.testing.assert_allclose(
                got[name], wanted[name], rtol=tolerance, atol=tolerance * scale, err_msg=name
            )


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_as_evaluate_has_it(name):
    assert_right(*function_program(name))


@pytest.mark.parametrize("name", SPECIAL)
def test_special_forms(name):
    assert_right(program_of(SPECIAL[name]), VALUES)


@pytest.mark.parametrize("name", FALL_APART)
def test_programs_over_examples(name):
    random = np.random.default_rng(0)
    given = {"x": random.standard_normal((7, 5)), "b": random.standard_normal(5)}
    assert_right(FALL_APART[name], given)


def test_the_network():
    assert_right(one_hidden_layer(), values(7, 5, 3, 11))
    compiled = build(one_hidden_layer(), ["J", *GRADIENTS], "jax")
    assert "import numpy" not in compiled.source and compiled.source.startswith("import jax.numpy")


def test_class_numbers_instead_of_one_hot_rows():
    network, parameters, rows, labels = vocabulary(300, 512)
    wanted, slopes = network.step(parameters, rows, labels)
    loss, *found = network.traced.call(*network.in_order(parameters, rows, labels))
    np.testing.assert_allclose(loss, wanted, rtol=1e-5)
    for name, array in zip(network.shapes, found, strict=True):
        np.testing.assert_allclose(array, slopes[name], atol=2e-6)


@pytest.mark.parametrize("name", FALL_APART)
def test_blocks_of_examples_give_what_all_at_once_give(name):
    program = FALL_APART[name]
    outputs = [definition.name for definition in program.definitions]
    random = np.random.default_rng(0)
    given = {"x": random.standard_normal((37, 5)), "b": random.standard_normal(5)}
    given = {array.name: given[array.name] for array in program.inputs}
    wanted = build(program, outputs, dtype="float64")(given)
    found = build(program, outputs, "jax", "float64", memory=0)(given)
    for output in outputs:
        np.testing.assert_allclose(found[output], wanted[output], rtol=1e-12)


def test_a_vocabulary_never_meets_all_examples():
    network, parameters, rows, labels = vocabulary(1500, 6001)
    small = replace(network, memory=1_000_000)
    given = small.in_order(parameters, rows, labels)
    program = small.traced.compiled.lower(*given).compile()
    # The whole logits are 36 MB.
    assert program.memory_analysis().temp_size_in_bytes < 4_000_000
    wanted, slopes = network.step(parameters, rows, labels)
    loss, *found = small.traced.call(*given)
    np.testing.assert_allclose(loss, wanted, rtol=1e-5)
    for name, array in zip(network.shapes, found, strict=True):
        np.testing.assert_allclose(array, slopes[name], atol=2e-6)


OPTIONS = {"size": {"H": 8}, "epochs": 2, "batch": 50, "dtype": "float64"}


@pytest.mark.parametrize("optimiser", ["sgd", "momentum", "adam"])
def test_training_gives_the_same_weights(optimiser):
    document = chainrule.read(EXAMPLES / "sigmoid_network.md")
    one, other = (
        document.fit("digits", optimiser=optimiser, engine=engine, **OPTIONS)
        for engine in ("numpy", "jax")
    )
    for name, array in one.parameters.items():
        np.testing.assert_allclose(other.parameters[name], array, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(
        [e.loss for e in other.fitted.history], [e.loss for e in one.fitted.history], rtol=1e-9
    )


def test_schedules_and_checkpoints(tmp_path):
    """A run stopped after three epochs of five and resumed ends where NumPy's whole one does."""
    document = chainrule.read(EXAMPLES / "sigmoid_network.md")
    options = {**OPTIONS, "epochs": 5, "optimiser": "adam", "schedule": "cosine"}
    whole = document.fit("digits", **options)
    options |= {"engine": "jax", "checkpoint": tmp_path / "run.safetensors"}

    def stop(epoch):
        if epoch.epoch == 3:
            raise KeyboardInterrupt

    stopped = document.fit("digits", **options, progress=stop)
    again = document.fit("digits", **options, resume=True)
    assert [len(one.fitted.history) for one in (stopped, again)] == [3, 5]
    for name, array in whole.parameters.items():
        np.testing.assert_allclose(again.parameters[name], array, rtol=1e-9, atol=1e-12)


def digits_file(folder):
    """The digits as files that are read row by row where memory is short."""
    data = load("digits")
    np.save(folder / "X.npy", data.features)
    np.save(folder / "y.npy", data.target)
    return folder / "X.npy"


@pytest.mark.parametrize(("optimiser", "memory"), [("momentum", 1000), ("adam", 100_000)])
def test_blocks_from_a_file_give_the_same_weights(optimiser, memory, tmp_path, monkeypatch):
    """In blocks of one batch and of several; 1,346 examples leave some over."""
    path, document = digits_file(tmp_path), chainrule.read(EXAMPLES / "sigmoid_network.md")
    options = {**OPTIONS, "optimiser": optimiser, "engine": "jax"}
    held = document.fit(path, memory=10**9, **options)
    shapes, blocks = [], DeviceEpochs._blocks

    def noted(self, *given):
        for block in blocks(self, *given):
            shapes.append(block[0].shape)
            yield block

    monkeypatch.setattr(DeviceEpochs, "_blocks", noted)
    apart = document.fit(path, memory=memory, **options)
    together = max(1, memory // (2 * 50 * 8 * (64 + 10)))
    assert shapes[0] == (min(together, 26), 50, 64) and shapes[-1][1] == 1346 % 50
    assert sum(steps for steps, _, _ in shapes) == 2 * 27
    for name, array in held.parameters.items():
        np.testing.assert_allclose(apart.parameters[name], array, rtol=1e-9, atol=1e-12)
    found, wanted = ([e.loss for e in run.fitted.history] for run in (apart, held))
    np.testing.assert_allclose(found, wanted, rtol=1e-12)


def test_blocks_from_a_file_resume_and_diverge_as_others(tmp_path):
    path, document = digits_file(tmp_path), chainrule.read(EXAMPLES / "softmax_regression.md")
    options = {"engine": "jax", "memory": 100_000, "dtype": "float64"}
    whole = document.fit(path, epochs=3, **options)
    options["checkpoint"] = tmp_path / "run.safetensors"
    document.fit(path, epochs=1, **options)
    again = document.fit(path, epochs=3, resume=True, **options)
    for name, array in whole.parameters.items():
        np.testing.assert_allclose(again.parameters[name], array, rtol=1e-9, atol=1e-12)
    with pytest.raises(NotFinite, match="epoch 1, step"):
        document.fit(path, optimiser="sgd", learning_rate=3e38, engine="jax", memory=10_000)


def test_peak_memory_is_far_below_the_size_of_a_file(tmp_path):
    size = large_file(tmp_path, 40_000, 400)
    command = [sys.executable, "-c", PEAK, str(EXAMPLES), str(tmp_path / "X.npy")]
    answer = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    assert int(answer.stdout) < size / 2.5, f"{answer.stdout} of {size} bytes"


# Memory that belongs to no file; what is read of a file is given back when it is short.
PEAK = """
import sys, numpy as np, chainrule
def own():
    lines = (line.split() for line in open("/proc/self/status"))
    return next(1024 * int(line[1]) for line in lines if line[0] == "RssAnon:")
document = chainrule.read(sys.argv[1] + "/softmax_regression.md")
options = {"epochs": 1, "batch": 256, "engine": "jax", "memory": 1_000_000}
document.fit((np.random.default_rng(0).standard_normal((20, 400)), np.arange(20) % 3), **options)
before, found = own(), []
document.fit(sys.argv[2], progress=lambda epoch: found.append(own()), **options)
print(max(found) - before)
"""


def test_divergence_names_epoch_and_step():
    document = chainrule.read(EXAMPLES / "softmax_regression.md")
    with pytest.raises(NotFinite, match="epoch 1, step"):
        document.fit("digits", optimiser="sgd", learning_rate=3e38, engine="jax")


def test_the_equation_that_blew_up_is_named():
    text = r"""$x \in \mathbb{R}^{1 \times D}$, $W \in \mathbb{R}^{D \times K}$,
    $y \in \mathbb{R}^K$ $$u = x W$$ $$v = \log(u)$$ $$J = \sum_k (v_k - y_k)^2$$"""
    for engine in ("numpy", "jax"):
        named = r"v\[0, \d\] = nan in .*log.* epoch 1, step 1"
        with pytest.raises(NotFinite, match=named) as caught:
            chainrule.read(text).fit("digits", engine=engine)
        assert "log(1 + u²)" in caught.value.remedy
    document = chainrule.read(EXAMPLES / "sigmoid_network.md")
    options = {"size": {"H": 8}, "optimiser": "sgd", "learning_rate": 1e38}
    for engine in ("numpy", "jax"):
        with pytest.raises(NotFinite, match=r"since .* epoch 1, step 2") as caught:
            document.fit("digits", engine=engine, **options)
        assert "learning rate" in caught.value.remedy


def test_more_devices_than_there_are():
    with pytest.raises(BadOption, match="devices"):
        chainrule.read(EXAMPLES / "softmax_regression.md").fit(engine="jax", devices=99)


DEVICES = """
import sys, jax, numpy as np, chainrule
address, number, path = sys.argv[2:]
if address:
    jax.config.update("jax_cpu_collectives_implementation", "gloo")
    jax.distributed.initialize(address, 2, int(number))
document = chainrule.read(sys.argv[1])
options = {"size": {"H": 8}, "epochs": 1, "batch": 50, "dtype": "float64", "engine": "jax"}
found = document.fit("digits", devices=2, memory=1000, **options).parameters
blocks = document.fit(path, devices=2, memory=100_000, **options).parameters
whole = document.fit(path, devices=2, **options).parameters
for name in whole:
    np.testing.assert_allclose(blocks[name], whole[name], rtol=1e-9, atol=1e-12)
if not address:
    one = document.fit("digits", **options).parameters
    for name in one:
        np.testing.assert_allclose(found[name], one[name], rtol=1e-9, atol=1e-12)
print(repr(float(found["W_1"].sum())), jax.process_count(), jax.local_device_count())
"""


def started(address, number, devices, path):
    environment = os.environ | {
        "XLA_FLAGS": f"--xla_force_host_platform_device_count={devices}",
        "JAX_PLATFORMS": "cpu",
    }
    document = str(EXAMPLES / "sigmoid_network.md")
    command = [sys.executable, "-c", DEVICES, document, address, str(number), str(path)]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)


def test_two_devices_and_two_processes_give_the_weights_of_one(tmp_path):
    path = digits_file(tmp_path)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    processes = [
        started("", 0, 2, path),
        started(address, 0, 1, path),
        started(address, 1, 1, path),
    ]
    answers = [process.communicate(timeout=120)[0].split()[-3:] for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0]
    assert [answer[1:] for answer in answers] == [["1", "2"], ["2", "1"], ["2", "1"]]
    assert np.ptp([float(answer[0]) for answer in answers]) < 1e-9


@pytest.mark.parametrize("name", NETWORKS)
def test_filters_over_pictures(name):
    found, parameters, batch = network(name)
    from chainrule.program.on_jax import precision

    loss, slopes = found.step(parameters, *batch)
    with precision(found.dtype):
        same, *others = found.traced.call(*found.in_order(parameters, *batch))
    assert float(same) == pytest.approx(loss, rel=1e-12)
    for slope, other in zip(slopes.values(), others, strict=True):
        np.testing.assert_allclose(other, slope, rtol=1e-9, atol=1e-12)
