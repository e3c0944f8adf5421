"""Data that are larger than the memory they may take: read by batches, with the same result."""

import doctest
import gzip
import struct
import tracemalloc

import numpy as np
import pytest

import chainrule
from chainrule.training import stored
from chainrule.training.sources import load
from chainrule.training.stored import ByRows
from large_files import large_file

DOCUMENT = r"""
$x \in \mathbb{R}^{1 \times D}$ is a row, $y$ a one-hot row, $W \in \mathbb{R}^{D \times K}$.
$$ p = \text{softmax}(x W + b) $$
$$ J = - \sum_k y_k \log p_k $$
"""
TINY = 4000
"""Bytes, fewer than any of the files below has."""


def digits(count=300):
    data = load("digits")
    return (data.features[:count] * 16).astype(np.uint8), data.target[:count]


def npy(folder):
    images, labels = digits()
    np.save(folder / "X.npy", images.reshape(-1, 8, 8))
    np.save(folder / "y.npy", labels)
    return folder / "X.npy"


def npz(folder):
    images, labels = digits()
    np.savez(folder / "d.npz", X=np.asfortranarray(images.astype(float)), y=labels)
    return folder / "d.npz"


def idx(folder):
    images, labels = digits()
    header = struct.pack(">BBBBIII", 0, 0, 8, 3, len(images), 8, 8)
    (folder / "train-images-idx3-ubyte").write_bytes(header + images.tobytes())
    labelled = struct.pack(">BBBBI", 0, 0, 8, 1, len(labels)) + labels.astype(np.uint8).tobytes()
    (folder / "train-labels-idx1-ubyte").write_bytes(labelled)
    return folder / "train-images-idx3-ubyte"


def gzipped(folder):
    path = idx(folder)
    for kind in ("images-idx3", "labels-idx1"):
        plain = folder / f"train-{kind}-ubyte"
        (folder / f"{plain.name}.gz").write_bytes(gzip.compress(plain.read_bytes()))
        plain.unlink()
    return path.with_name(f"{path.name}.gz")


def compressed(folder):
    images, labels = digits()
    np.savez_compressed(folder / "d.npz", X=images, y=labels)
    return folder / "d.npz"


def pictures(folder):
    pillow = pytest.importorskip("PIL.Image")
    for number, (row, label) in enumerate(zip(*digits(120), strict=True)):
        inside = folder / f"class {label}"
        inside.mkdir(exist_ok=True)
        pillow.fromarray(row.reshape(8, 8)).save(inside / f"{number}.png")
    return folder


def csv(folder):
    rows = [",".join(map(str, (*row, f"is {label}"))) for row, label in zip(*digits(), strict=True)]
    names = ",".join((*(f"x{k}" for k in range(64)), "class"))
    (folder / "d.csv").write_text("\n".join((names, *rows)))
    return folder / "d.csv"


def parquet(folder):
    polars = pytest.importorskip("polars")
    images, labels = digits()
    columns = {f"x{k}": column for k, column in enumerate(images.T)} | {"y": labels}
    polars.DataFrame(columns).write_parquet(folder / "d.parquet")
    return folder / "d.parquet"


MAKE = [npy, npz, idx, gzipped, compressed, pictures, csv, parquet]


@pytest.mark.parametrize("make", MAKE, ids=lambda make: make.__name__)
def test_training_from_a_file_is_training_from_memory(make, tmp_path):
    path, document = make(tmp_path), chainrule.read(DOCUMENT)
    apart, held = load(path, memory=TINY), load(path)
    assert isinstance(apart.features, ByRows) and isinstance(held.features, np.ndarray)
    np.testing.assert_array_equal(apart.features[:], held.features)
    runs = [document.fit(data, epochs=2, validation=0.2) for data in (apart, held)]
    for name, array in runs[0].parameters.items():
        np.testing.assert_array_equal(array, runs[1].parameters[name])
    assert runs[0].accuracy == runs[1].accuracy
    assert runs[0].loss == pytest.approx(runs[1].loss, rel=1e-6)


def test_a_checkpoint_is_the_same_wherever_the_data_are(tmp_path):
    path, document = npz(tmp_path), chainrule.read(DOCUMENT)
    options = {"checkpoint": tmp_path / "c.safetensors", "resume": True}
    document.fit(load(path, memory=TINY), epochs=1, **options)
    resumed = document.fit(path, epochs=2, **options)
    assert len(resumed.fitted.history) == 2


def test_peak_memory_is_far_below_the_size_of_the_file(tmp_path):
    size = large_file(tmp_path, 12_000, 400)
    document = chainrule.read(DOCUMENT)
    document.fit((np.random.default_rng(1).standard_normal((20, 400)), np.arange(20) % 3), epochs=1)
    tracemalloc.start()
    document.fit(tmp_path / "X.npy", epochs=1, batch=256, memory=1_000_000)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < size / 2.5, f"{peak} of {size} bytes"


@pytest.mark.parametrize("optimiser", ["newton", "gauss-newton"])
def test_steps_on_all_data_go_through_a_file_piece_by_piece(optimiser, tmp_path, monkeypatch):
    monkeypatch.setattr(stored, "PIECE", 64 * 50)
    path, document = npz(tmp_path), chainrule.read(DOCUMENT)
    options = {"epochs": 4, "optimiser": optimiser, "l2": 1e-3, "dtype": "float64"}
    apart, held = (document.fit(path, memory=m, **options) for m in (TINY, 10**9))
    assert apart.loss == pytest.approx(held.loss, rel=1e-9)
    for name, array in apart.parameters.items():
        np.testing.assert_allclose(array, held.parameters[name], rtol=1e-6, atol=1e-9)
    losses = [epoch.loss for epoch in apart.fitted.history]
    assert len(losses) == 4 and losses == sorted(losses, reverse=True)


def test_numbers_beyond_the_memory_go_into_a_file():
    spool = stored.Spool(2, 64)
    for first in range(0, 40, 4):
        spool.add(np.arange(first, first + 4).reshape(2, 2))
    assert spool.file is not None
    np.testing.assert_array_equal(spool.matrix(), np.arange(40).reshape(20, 2))


def test_examples_in_docstrings():
    assert doctest.testmod(stored) == (0, 2)
