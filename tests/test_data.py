"""Reading data: what is understood, and what each kind of bad input is called."""

import doctest
import gzip
import os
import subprocess
import sys

import numpy as np
import pytest

from chainrule import errors
from chainrule.training import data, metrics, seeds, sources
from chainrule.training.data import (
    Standardise,
    as_values,
    class_numbers,
    one_hot,
    select,
    split,
    with_classes,
)
from chainrule.training.sources import load, load_features


@pytest.fixture
def write(tmp_path):
    """Writes a text to a file and returns its path."""

    def write(text, name="table.csv"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture
def archive(tmp_path):
    """Writes arrays to an NPZ file and returns its path."""

    def archive(**arrays):
        path = tmp_path / "arrays.npz"
        np.savez(path, **arrays)
        return path

    return archive


@pytest.mark.parametrize("module", [data, sources, metrics, seeds])
def test_examples_in_docstrings(module):
    result = doctest.testmod(module)
    assert result.failed == 0
    assert result.attempted > 0


def test_digits_are_the_uci_test_part():
    digits = load("digits")
    assert digits.features.shape == (1797, 64)
    assert digits.example_shape == (8, 8)
    assert (digits.features.min(), digits.features.max()) == (0.0, 1.0)
    assert set(np.unique(digits.features * 16)) == set(range(17))
    assert digits.classes == tuple("0123456789")
    counts = [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert np.bincount(digits.target).tolist() == counts
    assert len(set(digits.feature_names)) == 64


def test_csv_with_text_classes(write):
    path = write("a,kind,b\n1,cat,2.5\n-3e1,ant,4\n5, cat ,6\n")
    table = load(path, target="kind")
    assert table.features.tolist() == [[1, 2.5], [-30, 4], [5, 6]]
    assert table.feature_names == ("a", "b")
    assert table.classes == ("ant", "cat")
    assert table.target.tolist() == [1, 0, 1]
    assert table.name == "table"


def test_whole_number_classes_are_in_order_of_size(write):
    table = load(write("a,label\n0,10\n0,9\n0,-1\n0,10\n"))
    assert table.classes == ("-1", "9", "10")
    assert table.target.tolist() == [2, 1, 0, 2]


def test_real_target_is_a_value(write):
    table = load(write("a,y\n1,0.5\n2,2\n"))
    assert table.classes is None
    assert table.target.tolist() == [0.5, 2.0]


@pytest.mark.parametrize(
    "text", ["a;Y\n1;2\n3;4\n", "a\tY\n1\t2\n3\t4\n", '"a","Y"\r\n1,"2"\r\n3,4']
)
def test_separators_quotes_and_case(write, text):
    table = load(write(text))
    assert table.features.tolist() == [[1], [3]]
    assert table.classes == ("2", "4")


def test_quoted_cell_over_two_lines_keeps_the_count(write):
    path = write('a,kind\n1,"two\nlines"\n\nx,ant\n')
    with pytest.raises(errors.UnreadableData) as caught:
        load(path, "kind")
    assert caught.value.places[0].line == 5


def error_of(kind, *arguments):
    with pytest.raises(kind) as caught:
        load(*arguments)
    assert caught.value.remedy
    assert "Traceback" not in caught.value.render()
    return caught.value


def test_text_in_a_number_column_is_shown_in_place(write):
    path = write("petal,width,y\n1.5,2.5,0\n1.5,wide,1\n")
    error = error_of(errors.UnreadableData, path)
    for part in (str(path), "line 3", "'width'", "'wide'"):
        assert part in error.message
    place = error.places[0]
    assert (place.line, place.column, place.length) == (3, 5, 4)
    assert error.render().splitlines()[2].rstrip().endswith("^^^^ text in a number column")


@pytest.mark.parametrize("cell", ["", " ", "nan", "NaN", "inf", "-inf", "1e999"])
@pytest.mark.parametrize("column", ["a", "y"])
def test_missing_and_infinite_numbers(write, cell, column):
    row = {"a": "1", "y": "0"} | {column: cell}
    error = error_of(errors.NotFinite, write(f"a,y\n1,0\n{row['a']},{row['y']}\n"))
    assert "line 3" in error.message
    assert repr(column) in error.message
    assert error.places[0].line == 3


@pytest.mark.parametrize("cell", ["1_000", "abc", "0x1", "1.2.3", "NA"])
def test_what_is_not_a_number(write, cell):
    assert repr(cell) in error_of(errors.UnreadableData, write(f"a,y\n{cell},0\n")).message


def test_text_among_real_targets(write):
    error = error_of(errors.UnreadableData, write("a,y\n1,0.5\n1,many\n"))
    assert "'many'" in error.message
    assert error.places[0].line == 3


@pytest.mark.parametrize("row", ["1,2", "1,2,3,4"])
def test_ragged_row(write, row):
    error = error_of(errors.UnreadableData, write(f"a,b,y\n1,2,3\n{row}\n"))
    assert error.places[0].line == 3
    assert "header has 3" in error.message


@pytest.mark.parametrize("text", ["", "\n\n", "a,y\n", "y\n1\n", "1,2\n3,4\n"])
def test_tables_without_examples_features_or_names(write, text):
    error_of(errors.UnreadableData, write(text))


def test_not_text(tmp_path):
    path = tmp_path / "picture.csv"
    path.write_bytes(b"\x89PNG\xff\xfe\x00")
    error_of(errors.UnreadableData, path)


def test_missing_target_lists_the_columns(write):
    path = write("petal,sepal\n1,2\n")
    for target in ("kind", None):
        error = error_of(errors.NoTargetColumn, path, target)
        assert "petal, sepal" in error.message
    assert "kind" in error_of(errors.NoTargetColumn, path, "kind").message


def test_two_possible_targets_are_not_guessed_between(write):
    path = write("label,y\n1,2\n")
    error_of(errors.NoTargetColumn, path)
    assert load(path, "y").classes == ("2",)
    error_of(errors.NoTargetColumn, write("a,y,y\n1,2,3\n"), "y")


def test_digits_have_one_target():
    error_of(errors.NoTargetColumn, "digits", "colour")


def test_missing_file_and_folder(tmp_path):
    assert "nowhere.csv" in error_of(errors.FileMissing, tmp_path / "nowhere.csv").message
    error_of(errors.FileMissing, tmp_path)


def test_archive_of_images(archive):
    images = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
    stored = load(archive(X=images, y=np.array([7, 5])))
    assert stored.features.tolist() == images.reshape(2, 12).tolist()
    assert stored.example_shape == (3, 4)
    assert stored.classes == ("5", "7")
    assert stored.target.tolist() == [1, 0]


def test_archive_with_a_named_target(archive):
    path = archive(data=np.eye(3), labels=np.array(["b", "a", "b"]), weight=np.array([0.5, 1, 2]))
    assert load(path).classes == ("a", "b")
    assert load(path, target="weight").target.tolist() == [0.5, 1, 2]
    assert "weight" in error_of(errors.NoTargetColumn, path, "price").message


def test_bad_archives(archive, tmp_path):
    error_of(errors.NoTargetColumn, archive(X=np.eye(2)))
    error_of(errors.UnreadableData, archive(a=np.eye(2), b=np.eye(2), y=np.arange(2)))
    error_of(errors.UnreadableData, archive(X=np.array([[None]]), y=np.arange(1)))
    error_of(errors.UnreadableData, archive(X=np.array([["1"]]), y=np.arange(1)))
    error_of(errors.UnreadableData, archive(X=np.zeros((0, 3)), y=np.arange(0)))
    error_of(errors.UnreadableData, archive(X=np.arange(3.0), y=np.arange(3)))
    error_of(errors.SizeMismatch, archive(X=np.eye(3), y=np.arange(2)))
    path = archive(X=np.eye(3), y=np.arange(3))
    path.write_bytes(path.read_bytes()[:-40])
    error_of(errors.UnreadableData, path)
    np.save(tmp_path / "bare.npy", np.eye(2))
    os.replace(tmp_path / "bare.npy", path)
    error_of(errors.UnreadableData, path)
    path.write_text("no archive")
    error_of(errors.UnreadableData, path)


def test_arrays_that_are_not_finite_name_the_place():
    features = np.zeros((3, 2))
    features[2, 1] = np.nan
    error = error_of(errors.NotFinite, (features, np.arange(3)))
    assert "nan in row 2, column 1" in error.message
    error = error_of(errors.NotFinite, (np.eye(2), np.array([1.0, np.inf])))
    assert "inf in row 1" in error.message


def test_target_matrices():
    numbers = np.array([[0.5, 1.0], [2.0, 3.0]])
    assert load((np.eye(2), numbers)).target.tolist() == numbers.tolist()
    hot = load((np.eye(3), np.eye(3)[[2, 0, 2]]))
    assert hot.classes == ("0", "1", "2")
    assert hot.target.tolist() == [2, 0, 2]
    assert load((np.eye(2), np.array([[0.5], [1]]))).target.shape == (2,)
    assert load((np.eye(2), np.array([True, False]))).classes == ("False", "True")


def test_split_keeps_proportions_and_order():
    digits = load("digits")
    train, test = split(digits, 0.25, seed=3)
    whole, held = np.bincount(digits.target), np.bincount(test.target)
    assert np.abs(held - whole * 0.25).max() <= 0.5
    assert len(train.features) + len(test.features) == 1797
    rows = {row.tobytes() for row in train.features}
    assert not any(row.tobytes() in rows for row in test.features)
    again = split(digits, 0.25, seed=3)[1]
    assert again.features.tobytes() == test.features.tobytes()
    assert split(digits, 0.25, seed=4)[1].features.tobytes() != test.features.tobytes()


def test_split_never_holds_out_all_of_a_class():
    train, test = split(load((np.arange(7.0)[:, None], np.array([0, 0, 0, 0, 1, 2, 2]))), 0.6)
    assert set(train.target) == {0, 1, 2}
    assert len(test.target) == 3


def test_split_of_values():
    values = load((np.arange(20.0)[:, None], np.arange(20) + 0.5))
    train, test = split(values, 0.25)
    assert (len(train.target), len(test.target)) == (15, 5)
    assert (train.target == train.features[:, 0] + 0.5).all()
    assert (np.diff(test.target) > 0).all()


@pytest.mark.parametrize("held_out", [0, 1, -0.5, 2, float("nan")])
def test_split_by_a_fraction_that_is_none(held_out):
    with pytest.raises(errors.BadOption):
        split(load("digits"), held_out)


def test_split_that_would_hold_out_nothing():
    with pytest.raises(errors.BadOption):
        split(load((np.eye(2), np.arange(2))), 0.25)
    with pytest.raises(errors.BadOption, match="seed"):
        split(load("digits"), seed=-1)


def test_one_hot_of_names_and_numbers():
    expected = [[0, 1, 0], [1, 0, 0]]
    assert one_hot(["b", "a"], ("a", "b", "c")).tolist() == expected
    assert one_hot(np.array([1, 0]), ("a", "b", "c"), np.float32).tolist() == expected
    assert one_hot(np.array([1, 0]), ("a", "b"), np.float32).dtype == np.float32


@pytest.mark.parametrize("labels", [["a", "zebra"], np.array([0, 3]), np.array([-1])])
def test_one_hot_of_an_unknown_class(labels):
    with pytest.raises(errors.UnknownClass) as caught:
        one_hot(labels, ("a", "b", "c"))
    assert "a, b, c" in caught.value.message
    assert str(labels[-1]) in caught.value.message


def test_new_data_take_the_numbers_of_the_model():
    new = load((np.eye(3), np.array(["dog", "ant", "dog"])))
    assert with_classes(new, ("ant", "cat", "dog")).target.tolist() == [2, 0, 2]
    with pytest.raises(errors.UnknownClass, match=r"'dog'.*ant, cat"):
        with_classes(new, ("ant", "cat"))
    with pytest.raises(errors.UnreadableData):
        with_classes(load((np.eye(2), np.array([0.5, 1]))), ("ant", "cat"))


def test_whole_numbers_can_be_values_after_all():
    ages = load((np.eye(3), np.array([30, 7, 30])))
    assert as_values(ages).target.tolist() == [30.0, 7.0, 30.0]
    assert as_values(ages).classes is None
    with pytest.raises(errors.UnreadableData, match="cat"):
        as_values(load((np.eye(2), np.array(["cat", "dog"]))))


def test_standardise_is_learnt_on_one_part_and_applied_to_any():
    features = np.array([[1.0, 0.1], [3.0, 0.1], [5.0, 0.1]])
    dataset = load((features, np.arange(3)))
    rule = Standardise.fit(features)
    done = rule.apply(dataset).features
    assert np.allclose(done[:, 0].mean(), 0)
    assert np.allclose(done[:, 0].std(), 1)
    assert np.allclose(done[:, 1], 0)
    assert rule.scale[1] == 1
    again = Standardise.from_arrays(rule.arrays())
    assert np.array_equal(again.apply(select(dataset, [2])).features, done[2:])
    assert Standardise.from_arrays({}) is None
    with pytest.raises(errors.OtherNetwork):
        rule.apply(load((np.eye(3), np.arange(3))))


def test_class_numbers_of_one_hot_targets():
    dataset = load((np.eye(3), np.array([2, 0, 1])))
    hot = data.replace(dataset, target=one_hot(dataset.target, dataset.classes))
    assert class_numbers(hot).tolist() == [2, 0, 1]


def test_reading_needs_no_optional_package():
    code = "import sys, chainrule.training.data; sys.exit('sklearn' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# Images and Parquet


def idx_bytes(array, code=0x08):
    shape = b"".join(size.to_bytes(4, "big") for size in array.shape)
    kind = {0x08: ">u1", 0x0C: ">i4"}[code]
    return bytes([0, 0, code, array.ndim]) + shape + array.astype(kind).tobytes()


@pytest.fixture
def mnist(tmp_path):
    """A folder as MNIST is published: 12 images of 2 × 3 to train on, 5 to judge by."""
    random = np.random.default_rng(0)
    for name, count in (("train", 12), ("t10k", 5)):
        images = random.integers(0, 256, (count, 2, 3))
        labels = np.arange(count) % 3
        packed = gzip.compress if name == "train" else bytes
        (tmp_path / f"{name}-images-idx3-ubyte").write_bytes(packed(idx_bytes(images)))
        (tmp_path / f"{name}-labels-idx1-ubyte").write_bytes(packed(idx_bytes(labels)))
    return tmp_path


def test_idx_folders_bring_their_own_test_part(mnist):
    data = load(mnist)
    assert data.features.shape == (12, 6) and data.example_shape == (2, 3)
    assert data.classes == ("0", "1", "2") and data.features.max() <= 1 and data.scaled
    train, test = split(data)
    assert (len(train.features), len(test.features), test.classes) == (12, 5, data.classes)
    assert len(split(data, 0.25)[1].features) == 3
    pair = load(mnist / "t10k-images-idx3-ubyte")
    np.testing.assert_array_equal(pair.features, test.features)
    np.testing.assert_array_equal(
        load_features(mnist / "t10k-images-idx3-ubyte", ()), test.features
    )


@pytest.mark.parametrize(
    "spoil, message",
    [
        (lambda content: content[:-1], "should hold 5 × 2 × 3"),
        (lambda content: b"PK" + content, "is no IDX file"),
        (lambda content: b"", "is no IDX file"),
        (lambda content: gzip.compress(content)[:-9], "cannot be unpacked"),
    ],
)
def test_spoiled_idx_files(mnist, spoil, message):
    path = mnist / "t10k-images-idx3-ubyte"
    path.write_bytes(spoil(path.read_bytes()))
    with pytest.raises(errors.UnreadableData, match=message):
        load(mnist)


def test_idx_folders_without_labels(mnist):
    (mnist / "train-labels-idx1-ubyte").unlink()
    with pytest.raises(errors.FileMissing, match="no images and labels to train on"):
        load(mnist)


def test_fashion_is_never_fetched(monkeypatch, tmp_path):
    monkeypatch.setattr(sources, "FASHION_FOLDERS", (tmp_path / "none",))
    with pytest.raises(errors.FileMissing, match="apt install dataset-fashion-mnist"):
        load("fashion")


def test_fashion_where_it_is_installed(monkeypatch, mnist):
    ten = np.arange(20) % 10
    for name in ("train", "t10k"):
        (mnist / f"{name}-images-idx3-ubyte").write_bytes(idx_bytes(np.zeros((20, 2, 2))))
        (mnist / f"{name}-labels-idx1-ubyte").write_bytes(idx_bytes(ten))
    monkeypatch.setattr(sources, "FASHION_FOLDERS", (mnist,))
    data = load("fashion")
    assert data.classes[9] == data.test.classes[9] == "Ankle boot"


def test_folders_of_pictures(tmp_path):
    image = pytest.importorskip("PIL.Image")
    for name, grey in (("cat", 0), ("dog", 255)):
        (tmp_path / name).mkdir()
        for number in range(2):
            image.new("L", (3, 2), grey).save(tmp_path / name / f"{number}.png")
    data = load(tmp_path)
    assert data.classes == ("cat", "dog") and data.example_shape == (2, 3)
    np.testing.assert_array_equal(data.features[:, 0], [0, 0, 1, 1])
    image.new("L", (4, 4)).save(tmp_path / "dog" / "9.png")
    with pytest.raises(errors.SizeMismatch, match=r"9\.png is 4 × 4"):
        load(tmp_path)
    (tmp_path / "dog" / "9.png").write_text("no picture")
    with pytest.raises(errors.UnreadableData, match=r"9\.png is no picture"):
        load(tmp_path)


def test_parquet(tmp_path):
    polars = pytest.importorskip("polars")
    path = tmp_path / "t.parquet"
    polars.DataFrame({"a": [1, 2], "b": [0.5, 1.5], "class": ["u", "v"]}).write_parquet(path)
    data = load(path)
    assert (data.classes, data.feature_names) == (("u", "v"), ("a", "b"))
    np.testing.assert_array_equal(load_features(path, ("b", "a")), [[0.5, 1], [1.5, 2]])
    with pytest.raises(errors.OtherNetwork, match="no column 'c'"):
        load_features(path, ("c",))
    polars.DataFrame({"a": [1, None], "y": [1.5, 2.5]}).write_parquet(path)
    with pytest.raises(errors.NotFinite, match="empty in row 1"):
        load(path)
    path.write_text("no table")
    with pytest.raises(errors.UnreadableData, match="is no Parquet file"):
        load(path)
