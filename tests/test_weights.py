"""Weight files: back as they were, the same bytes for the same weights, or a named error."""

import json
import subprocess
import sys

import numpy as np
import pytest
from safetensors.numpy import save as foreign

from chainrule import errors
from chainrule.training.weights import check_writable, load, save

ARRAYS = {
    "W_1": np.asfortranarray(np.arange(15, dtype=np.float32).reshape(3, 5)),
    "b_1": np.array([0.1, -2.0], dtype=np.float64),
    "scale": np.array(3.0, dtype=np.float32),
    "standardise.mean": np.arange(3.0),
}
SHAPES = {"W_1": (3, 5), "b_1": (2,), "scale": ()}
METADATA = {"document": "σ.md", "seed": "0", "classes": "a b", "note": 'x "y"'}


def test_what_was_saved_comes_back(tmp_path):
    save(tmp_path / "w.safetensors", ARRAYS, METADATA)
    saved = load(tmp_path / "w.safetensors", SHAPES)
    assert saved.metadata == METADATA
    assert set(saved.parameters) == set(SHAPES)
    assert set(saved.preparation) == {"standardise.mean"}
    arrays = saved.parameters | saved.preparation
    for name, array in ARRAYS.items():
        assert arrays[name].dtype == array.dtype
        assert np.array_equal(arrays[name], array)
        assert arrays[name].flags.writeable
    assert [file.name for file in tmp_path.iterdir()] == ["w.safetensors"]


def test_without_metadata_and_over_an_older_file(tmp_path):
    path = tmp_path / "w.safetensors"
    save(path, {"old": np.eye(3)}, METADATA)
    save(path, ARRAYS, {})
    assert load(path, SHAPES).metadata == {}


def test_other_programs_read_the_file(tmp_path):
    from safetensors import safe_open

    save(tmp_path / "w.safetensors", ARRAYS, METADATA)
    with safe_open(tmp_path / "w.safetensors", framework="numpy") as file:
        assert file.metadata() == METADATA
        assert np.array_equal(file.get_tensor("W_1"), ARRAYS["W_1"])


def test_same_weights_same_bytes(tmp_path):
    """In the order given or another, in this process or the next: hashes differ between them."""
    code = (
        "import numpy as np, sys; from chainrule.training.weights import save;"
        "save(sys.argv[1], {'a': np.eye(3), 'b': np.ones(5)}, {str(k): 'v' for k in range(9)})"
    )
    for name in "12":
        subprocess.run([sys.executable, "-c", code, tmp_path / name], check=True)
    backwards = {str(k): "v" for k in reversed(range(9))}
    save(tmp_path / "3", {"b": np.ones(5), "a": np.eye(3)}, backwards)
    assert len({(tmp_path / name).read_bytes() for name in "123"}) == 1


@pytest.mark.parametrize(
    "shapes",
    [
        {"W_1": (5, 3), "b_1": (2,), "scale": ()},
        {"W_1": (3, 5), "b_1": (2,)},
        SHAPES | {"W_2": (2, 7)},
        {"V": (3, 5), "b_1": (2,), "scale": ()},
    ],
)
def test_weights_of_another_network(tmp_path, shapes):
    save(tmp_path / "w", ARRAYS, {})
    with pytest.raises(errors.OtherNetwork) as caught:
        load(tmp_path / "w", shapes)
    found, expected = caught.value.message.split("the network has")
    assert "W_1 3 × 5, b_1 2, scale" in found
    for name, shape in shapes.items():
        assert f"{name} {' × '.join(map(str, shape))}".strip() in expected
    assert caught.value.remedy


def broken_files():
    good = foreign({"W": np.eye(3)})
    yield "empty", b""
    yield "text", b"# notes\nno weights here\n" * 10
    yield "cut", good[:-9]
    yield "huge header", b"\xff" * 64
    header = json.dumps({"W": {"dtype": "BF16", "shape": [1], "data_offsets": [0, 2]}}).encode()
    yield "bfloat16", len(header).to_bytes(8, "little") + header + b"\0\0"
    yield "whole numbers", foreign({"W": np.eye(3, dtype=np.int64)})


@pytest.mark.parametrize(("kind", "content"), list(broken_files()))
def test_files_that_hold_no_weights(tmp_path, kind, content):
    path = tmp_path / "w.safetensors"
    path.write_bytes(content)
    with pytest.raises(errors.UnreadableData, match=r"w\.safetensors"):
        load(path, {"W": (1,)} if kind == "bfloat16" else {"W": (3, 3)})


def test_weights_that_are_not_finite(tmp_path):
    save(tmp_path / "w", {"W": np.array([1, np.nan])}, {})
    with pytest.raises(errors.NotFinite, match="W in"):
        load(tmp_path / "w", {"W": (2,)})


def test_missing_file_and_folders(tmp_path):
    with pytest.raises(errors.FileMissing):
        load(tmp_path / "nowhere", SHAPES)
    with pytest.raises(errors.FileMissing):
        load(tmp_path, SHAPES)
    for path in (tmp_path / "no" / "w", tmp_path):
        with pytest.raises(errors.BadOption):
            check_writable(path)
        with pytest.raises(errors.BadOption):
            save(path, ARRAYS, {})
    assert list(tmp_path.iterdir()) == []


def test_a_failed_write_leaves_the_older_file(tmp_path, monkeypatch):
    path = tmp_path / "w"
    save(path, ARRAYS, {})
    before = path.read_bytes()

    def fail(source, destination):
        raise OSError(28, "no space left")

    monkeypatch.setattr("os.replace", fail)
    with pytest.raises(errors.BadOption, match="no space left"):
        save(path, {"other": np.eye(2)}, {})
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["w"]
