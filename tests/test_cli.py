"""The command line as a user meets it: output, exit statuses, and messages for bad input."""

import io
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from chainrule import cli
from chainrule.training.network import Network

EXAMPLES = Path(__file__).parent.parent / "examples"
SIGMOID = str(EXAMPLES / "sigmoid_network.md")
SOFTMAX = str(EXAMPLES / "softmax_regression.md")
CLAIM_FIELDS = (
    "line end_line start end latex step head verdict fact convention reading counterexample"
    " diagnosis correction evidence"
).split()
# One wrong sign, on a line that is longer than a terminal is wide.
WRONG = r"""# A slip

$$
\begin{aligned}
z &= a b \\
\frac{\partial z}{\partial a} &= b + 0 a + 0 b + 0 a b + 0 a^2 + 0 b^2 + 0 a^3 + 0 b^3 = -b \\
\end{aligned}
$$
"""
NO_LOSS = r"""With $x \in \mathbb{R}^{D}$ and $W \in \mathbb{R}^{K \times D}$ there is

$$ p = \text{softmax}(W x) $$
"""
TABLE = "a,b,c\n1,2,u\n2,3,v\n3,4,u\n4,6,v\n5,1,u\n6,2,v\n7,1,u\n8,5,v\n"


@pytest.fixture
def chainrule(monkeypatch, capsys):
    """Runs the command; gives its exit status, standard output and standard error."""

    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.delenv("FORCE_COLOR", raising=False)

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["chainrule", *map(str, arguments)])
        status = 0
        try:
            cli.main()
        except SystemExit as end:
            status = end.code or 0
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return run


@pytest.fixture
def refused(chainrule, tmp_path):
    """Runs a command that must fail with one message, and leave no file of weights behind."""

    def run(name, *arguments, save=False):
        weights = tmp_path / "refused.safetensors"
        status, out, err = chainrule(*arguments, *(("--save", weights) if save else ()))
        assert status == 2
        assert err.startswith(f"{name}: "), err
        assert "Traceback" not in err
        assert out == ""
        assert not weights.exists()
        return err

    return run


@pytest.fixture
def written(tmp_path):
    """Writes a file and gives its path."""

    def write(name, content):
        path = tmp_path / name
        path.write_text(content, encoding="utf-8")
        return path

    return write


# check


def test_check_of_a_right_document_in_text(chainrule):
    status, out, _ = chainrule("check", SIGMOID)
    assert status == 0
    assert "wrong" not in out
    assert r"defines    J = - \sum_k y_k \log \hat{y}_k" in out
    assert out.splitlines()[-1].startswith(SIGMOID)
    assert out.splitlines()[-1].endswith("6 definitions")


def test_check_of_a_right_document_in_json(chainrule):
    status, out, _ = chainrule("check", SIGMOID, "--format", "json")
    assert status == 0
    found = json.loads(out)
    text = Path(SIGMOID).read_text(encoding="utf-8")
    assert list(found) == ["document", "claims", "definitions", "symbols", "summary"]
    assert found["document"] == SIGMOID
    assert len(found["claims"]) >= 8
    for claim in found["claims"]:
        assert list(claim) == CLAIM_FIELDS
        assert text[claim["start"] : claim["end"]] == claim["latex"]
        assert text.count("\n", 0, claim["start"]) + 1 == claim["line"]
        assert claim["line"] <= claim["end_line"]
    for definition in found["definitions"]:
        assert text[definition["start"] : definition["end"]] == definition["latex"]
    assert [d["symbol"] for d in found["definitions"]] == [
        r"\sigma", r"\phi", "h", r"\theta", r"\hat{y}", "J"
    ]  # fmt: skip


def test_check_of_a_wrong_sign(chainrule, written):
    path = written("slip.md", WRONG)
    status, out, _ = chainrule("check", path)
    assert status == 1
    lines = out.splitlines()
    verdicts = [line.split()[1] for line in lines if line[:5].strip().isdigit()]
    assert verdicts.count("wrong") == 1
    assert any(line.split()[:2] == ["example", "with"] for line in lines)
    carets = next(n for n, line in enumerate(lines) if line.strip() == "^^")
    column = lines[carets].index("^")
    assert lines[carets - 1][column : column + 2] == "-b"


def test_check_of_a_wrong_sign_in_json(chainrule, written):
    path = written("slip.md", WRONG)
    status, out, _ = chainrule("check", path, "--format", "json")
    assert status == 1
    (claim,) = [c for c in json.loads(out)["claims"] if c["verdict"] == "wrong"]
    assert claim["latex"] == "-b"
    assert claim["line"] == 6
    assert claim["step"] == "wrong"
    assert claim["counterexample"]


def test_check_of_several_documents_is_one_array(chainrule, written):
    right, wrong = written("right.md", "$$z = a b$$\n"), written("wrong.md", "$$a + a = 3 a$$\n")
    status, out, _ = chainrule("check", right, wrong, "--format", "json")
    assert status == 1
    assert [found["document"] for found in json.loads(out)] == [str(right), str(wrong)]


def test_check_of_standard_input(chainrule, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO("$$a + a = 2 a$$\n"))
    status, out, _ = chainrule("check", "-")
    assert status == 0
    assert "standard input: 1 claim" in out


# check: formats, files and folders


def test_check_in_annotations(chainrule, written):
    path = written("50%, a:b.md", WRONG)
    status, out, err = chainrule("check", path, "--format", "github")
    assert status == 1
    annotation, counts = out.splitlines()
    name = str(path).replace("%", "%25").replace(":", "%3A").replace(",", "%2C")
    start = f"::error file={name},line=6,endLine=6,col="
    assert annotation.startswith(start)
    properties, _, message = annotation.removeprefix("::error ").partition("::")
    found = dict(part.split("=", 1) for part in properties.split(","))
    assert int(found["endColumn"]) == int(found["col"]) + len("-b")
    assert found["title"] == "wrong"
    assert message.startswith("= -b%0A")
    assert counts.startswith("checked ") and counts.endswith("1 definition")
    assert err == ""


def test_annotations_warn_of_conditions_and_leave_out_what_holds(chainrule, written):
    text = "$$p = \\text{softmax}(z)$$ $$J = -\\sum_k y_k \\log p_k$$\n"
    path = written("a.md", text + "$$\\frac{\\partial J}{\\partial z} = p - y$$ $$J + J = 2 J$$\n")
    status, out, _ = chainrule("check", path, "--format", "github")
    assert status == 0
    (annotation, _) = out.splitlines()
    assert annotation.startswith(f"::warning file={path},line=2,")
    assert "title=holds-if::" in annotation
    assert "%0Agiven: " in annotation


def test_annotations_of_a_notebook_name_the_cell(chainrule, written):
    cell = {"cell_type": "markdown", "metadata": {}, "source": "One:\n\n$$a + a = 3 a$$"}
    path = written("a.ipynb", json.dumps({"cells": [cell]}))
    _, out, _ = chainrule("check", path, "--format", "github")
    assert out.startswith(f"::error file={path},title=wrong%2C cell 1%2C line 3::")


def test_check_of_a_notebook_in_text(chainrule, written):
    cell = {"cell_type": "markdown", "metadata": {}, "source": "$$a + a = 3 a$$"}
    path = written("a.ipynb", json.dumps({"cells": [cell, cell]}))
    _, out, _ = chainrule("check", path)
    assert [line for line in out.splitlines() if line.startswith("cell")] == ["cell 1", "cell 2"]
    assert f"{path} cell 2:1:11   $$a + a = 3 a$$" in out


@pytest.mark.parametrize(
    "name, start",
    [("r.html", "<!DOCTYPE html>"), ("r.json", "{"), ("r.txt", "    1  "), ("r", "    1  ")],
)
def test_check_into_a_file_in_the_format_of_its_name(chainrule, written, tmp_path, name, start):
    path, report = written("a.md", "$$a + a = 3 a$$\n"), tmp_path / name
    status, out, err = chainrule("check", path, "-o", report)
    assert (status, out) == (1, "")
    assert report.read_text(encoding="utf-8").startswith(start)
    assert "1 claim (1 wrong)" in err
    assert f"report written to {report}" in err


def test_the_format_asked_for_wins_over_the_name(chainrule, written, tmp_path):
    path, report = written("a.md", "$$a + a = 2 a$$\n"), tmp_path / "r.html"
    status, _, _ = chainrule("check", path, "-o", report, "--format", "json")
    assert status == 0
    assert json.loads(report.read_text(encoding="utf-8"))["summary"] == {
        "proved": 1,
        "definitions": 0,
    }


def test_a_report_that_cannot_be_written(refused, written, tmp_path):
    path = written("a.md", "$$a + a = 2 a$$\n")
    assert "cannot be written" in refused("bad-option", "check", path, "-o", tmp_path)
    assert "is a document" in refused("bad-option", "check", path, "-o", path)
    assert path.read_text(encoding="utf-8") == "$$a + a = 2 a$$\n"


def test_check_of_a_folder_is_an_array_and_says_what_it_left_out(chainrule, written, tmp_path):
    path = written("a.md", "$$a + a = 2 a$$\n")
    written("b.py", "")
    status, out, err = chainrule("check", tmp_path, "--format", "json")
    assert status == 0
    assert [found["document"] for found in json.loads(out)] == [str(path)]
    assert err == f"{tmp_path}: 1 document; left out: 1 .py\n"


def test_one_document_that_cannot_be_read_leaves_the_others(chainrule, written):
    right, empty = written("right.md", "$$a + a = 2 a$$\n"), written("empty.md", "")
    status, out, err = chainrule("check", empty, right, "missing.md", "--format", "json")
    assert status == 2
    assert [found["document"] for found in json.loads(out)] == [str(right)]
    assert err.startswith("unreadable-document: ")
    assert "file-missing: there is no file missing.md" in err


@pytest.mark.parametrize("format", ["text", "json", "github", "html"])
def test_a_document_that_cannot_be_read_gives_no_report(refused, written, tmp_path, format):
    report = tmp_path / "report"
    options = ("--format", format, "-o", report)
    assert "is empty" in refused("unreadable-document", "check", written("a.md", " "), *options)
    assert not report.exists()


# derive and emit


def test_derive_in_text(chainrule):
    status, out, err = chainrule("derive", SIGMOID, "--of", "J", "--by", "W_1,b_1")
    assert status == 0
    assert [line.split(" = ")[0] for line in out.splitlines()] == ["∂J/∂W₁", "∂J/∂b₁"]
    assert err == "given y one-hot\n"


def test_derive_in_latex(chainrule):
    options = ("--of", "J", "--by", "W_1,b_1", "--format", "latex")
    status, out, _ = chainrule("derive", SIGMOID, *options)
    assert status == 0
    first, second = out.splitlines()
    assert first.startswith(r"\frac{\partial J}{\partial W_1} = x^\top")
    assert second.startswith(r"\frac{\partial J}{\partial b_1} = (\hat{y} - y) W_2^\top")


def test_derive_in_json(chainrule):
    options = ("--of", "J", "--by", "W_1,b_1")
    status, out, err = chainrule("derive", SIGMOID, *options, "--format", "json")
    found = json.loads(out)
    assert (status, err) == (0, "")
    assert len(found["latex"]) == len(found["text"]) == 2
    assert found["text"] == chainrule("derive", SIGMOID, *options)[1].splitlines()
    assert found["facts"] == ["y one-hot"]
    assert [step["name"] for step in found["steps"]][-2:] == ["∂J/∂W₁", "∂J/∂b₁"]


def test_derive_shows_its_steps(chainrule):
    status, out, _ = chainrule("derive", SIGMOID, "--of", "J", "--by", "W_1", "--steps")
    assert status == 0
    lines = out.splitlines()
    assert "∂J/∂h = ∂J/∂θ ∂θ/∂h = ∂J/∂θ W₂ᵀ = (ŷ − y) W₂ᵀ   [chain-rule]" in lines
    assert lines[-1] == "∂J/∂W₁ = xᵀ ((ŷ − y) W₂ᵀ ∘ h ∘ (1 − h))"


def test_emitted_source_runs_and_is_always_the_same(chainrule):
    options = ("emit", SOFTMAX, "--of", "J", "--by", "W,b")
    status, source, _ = chainrule(*options)
    assert status == 0
    assert chainrule(*options)[1] == source
    names = {}
    exec(compile(source, "emitted", "exec"), names)
    features, target = np.array([[1.0, 2.0], [0.5, -1.0]]), np.array([[0.0, 1.0], [1.0, 0.0]])
    loss, weights, bias = names["step"](np.zeros((2, 2)), np.zeros(2), features, target)
    assert np.isclose(loss, np.log(2))
    assert np.allclose(weights, features.T @ (0.5 - target) / 2)
    assert np.allclose(bias, (0.5 - target).mean(axis=0))


# train

TRAIN = ("train", SIGMOID, "--size", "H=8", "--epochs", "3")


def test_train_in_json(chainrule):
    status, out, err = chainrule(*TRAIN, "--format", "json")
    assert status == 0
    found = json.loads(out)
    assert list(found) == [
        "accuracy", "loss", "parameters", "epochs", "seconds", "features", "target", "assumed",
        "confusion", "calibration_error", "determination",
    ]  # fmt: skip
    assert found["parameters"] == {"W_1": [64, 8], "W_2": [8, 10], "b_1": [8], "b_2": [10]}
    assert (found["epochs"], found["features"], found["target"]) == (3, "x", "y")
    assert 0.4 < found["accuracy"] <= 1
    assert 0 < found["loss"] < 2.5
    assert "examples    1346 to learn from, 451 held out" in err


def test_train_in_text(chainrule, tmp_path):
    status, out, err = chainrule(*TRAIN, "--save", tmp_path / "w.safetensors")
    assert status == 0
    assert out.startswith("held-out accuracy 0.")
    assert out.endswith(f"weights written to {tmp_path / 'w.safetensors'}\n")
    assert "epoch 3/3" in err


def test_the_same_seed_gives_the_same_file(chainrule, tmp_path):
    contents = []
    for name, seed in (("first", 1), ("second", 1), ("third", 2)):
        path = tmp_path / f"{name}.safetensors"
        assert chainrule("train", SOFTMAX, "--epochs", 2, "--seed", seed, "--save", path)[0] == 0
        contents.append(path.read_bytes())
    assert contents[0] == contents[1]
    assert contents[0] != contents[2]


def test_training_goes_on_from_a_file(chainrule, tmp_path):
    path = tmp_path / "w.safetensors"
    _, out, _ = chainrule(*TRAIN, "--save", path, "--format", "json")
    options = ("--load", path, "--epochs", 0, "--format", "json")
    status, again, _ = chainrule("train", SIGMOID, "--size", "H=8", *options)
    assert status == 0
    assert json.loads(again)["loss"] == json.loads(out)["loss"]


def test_weights_of_another_network(chainrule, refused, tmp_path):
    path = tmp_path / "w.safetensors"
    chainrule("train", SOFTMAX, "--epochs", 0, "--save", path)
    options = ("--size", "H=8", "--load", path)
    err = refused("other-network", "train", SIGMOID, *options, save=True)
    assert "has W 64 × 10" in err
    assert "W_1 64 × 8" in err


def test_weights_of_other_sizes(chainrule, refused, written, tmp_path):
    path = tmp_path / "w.safetensors"
    chainrule("train", SOFTMAX, "--epochs", 0, "--save", path)
    options = ("--data", written("table.csv", TABLE), "--target", "c", "--load", path)
    assert "W 2 × 2" in refused("other-network", "train", SOFTMAX, *options, save=True)


def test_train_on_a_table(chainrule, written):
    path = written("table.csv", TABLE)
    options = ("--data", path, "--target", "c", "--epochs", 3, "--format", "json")
    status, out, _ = chainrule("train", SOFTMAX, *options)
    assert status == 0
    assert json.loads(out)["parameters"] == {"W": [2, 2], "b": [2]}


def test_training_that_ends_early_says_why(chainrule, tmp_path):
    *_, err = chainrule("train", SOFTMAX, "--optimizer", "newton", "--l2", "1e-2")
    assert "nothing more can be gained" in err
    *_, err = chainrule("train", SOFTMAX, "--patience", "1", "--rate", "0.5", "--batch", "8")
    assert "the best one" in err
    *_, err = chainrule("train", SOFTMAX, "--epochs", "2")
    assert "stopped" not in err


def test_pictures_are_of_either_kind(chainrule, tmp_path):
    pytest.importorskip("matplotlib")
    options = ("train", SOFTMAX, "--epochs", "1", "--plot", tmp_path)
    chainrule(*options, "--pictures", "png")
    assert (tmp_path / "loss.png").read_bytes().startswith(b"\x89PNG")
    assert chainrule(*options, "--pictures", "gif")[0] == 2


def test_interrupted_training_keeps_what_was_learnt(chainrule, monkeypatch, tmp_path):
    calls, step = [], Network.step

    def interrupted(*arguments, **options):
        calls.append(1)
        if len(calls) > 50:
            raise KeyboardInterrupt
        return step(*arguments, **options)

    monkeypatch.setattr(Network, "step", interrupted)
    path = tmp_path / "w.safetensors"
    status, out, err = chainrule(*TRAIN, "--save", path, "--format", "json")
    assert status == 130
    assert json.loads(out)["epochs"] == 1
    assert "what 1 epochs have learnt is kept" in err
    options = ("--load", path, "--epochs", 0, "--format", "json")
    _, again, _ = chainrule("train", SIGMOID, "--size", "H=8", *options)
    assert json.loads(again)["loss"] == json.loads(out)["loss"]


# explain and evaluate


@pytest.mark.parametrize("name", ["softplus", "log-of-exp", "wrong", "size-mismatch"])
def test_explain(chainrule, name):
    status, out, err = chainrule("explain", name)
    assert status == 0
    assert out.startswith(f"{name}: ")
    assert err == ""


def test_explain_an_unknown_name(refused):
    assert "softplus" in refused("unknown-name", "explain", "nonesuch")


LOG_SUM_EXP = r"\log \sum_i e^{z_i}"


def test_evaluate_far_from_zero(chainrule):
    at = '{"z": [1000, 1001, 1002]}'
    options = (LOG_SUM_EXP, "--at", at, "--by", "z", "--format", "json")
    status, out, _ = chainrule("evaluate", *options)
    assert status == 0
    found = json.loads(out)
    powers = np.exp([-2.0, -1.0, 0.0])
    assert np.isclose(found["value"], 1002 + np.log(powers.sum()), rtol=1e-15)
    assert np.allclose(found["gradient"], powers / powers.sum(), rtol=1e-14)


def test_evaluate_with_values_that_are_not_json(refused):
    refused("bad-option", "evaluate", LOG_SUM_EXP, "--at", "{z: 1}")


def test_an_expression_may_begin_with_a_minus_sign(chainrule):
    status, out, _ = chainrule("evaluate", "-x^2", "--at", '{"x": 3}', "--by", "x")
    assert status == 0
    assert [line.split() for line in out.splitlines()] == [["value", "-9.0"], ["gradient", "-6.0"]]


# help


def test_help_names_every_command(chainrule):
    status, out, _ = chainrule("--help")
    assert status == 0
    assert [line.split()[0] for line in out.splitlines() if line[:2] == "  "] == [*cli.COMMANDS]


@pytest.mark.parametrize("command", cli.COMMANDS)
def test_help_of_a_command(chainrule, command):
    status, out, _ = chainrule(command, "--help")
    assert status == 0
    assert out.startswith(f"usage: chainrule {command} ")


@pytest.mark.parametrize(
    "arguments",
    [("nonsense",), ("check",), ("check", SIGMOID, "--nonsense"), ("check", "--format", "x", "a")],
)
def test_a_command_that_cannot_be_understood(refused, arguments):
    assert "  try: " in refused("bad-option", *arguments)


def test_check_starts_without_what_it_does_not_need():
    program = (
        "import sys; from chainrule.cli import main\n"
        "sys.argv[1:] = 'check - --format json'.split()\n"
        "try: main()\nexcept SystemExit: print(*sorted(sys.modules))"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], input="$$a + a = 3 a$$", capture_output=True, text=True
    )
    loaded = set(run.stdout.splitlines()[-1].split())
    assert "chainrule.checker.check" in loaded
    heavy = {"jax", "matplotlib", "opt_einsum", "pandas", "polars", "safetensors", "sklearn"}
    assert not loaded & {*heavy, "rich", "torch", "chainrule.training", "chainrule.program"}


# bad input


@pytest.mark.parametrize("command", ["check", "train", "derive", "emit"])
def test_a_missing_file(refused, command):
    options = ("--of", "J", "--by", "W") if command in ("derive", "emit") else ()
    assert "missing.md" in refused("file-missing", command, "missing.md", *options)


@pytest.mark.parametrize("command", ["derive", "emit"])
def test_an_unknown_symbol(refused, command):
    err = refused("unknown-symbol", command, SIGMOID, "--of", "J", "--by", "Q")
    assert "Q" in err
    assert "W_1" in err


def test_a_document_that_is_not_text(refused, tmp_path):
    path = tmp_path / "noise.md"
    path.write_bytes(b"\xff\xfe\x8b\x00$$a = b$$")
    refused("unreadable-document", "check", path)


def test_training_without_a_loss(refused, written):
    refused("no-loss", "train", written("prose.md", "Only prose.\n"), save=True)
    refused("no-loss", "train", written("vector.md", NO_LOSS), save=True)


def test_training_without_a_target(refused, written):
    refused("not-trainable", "train", written("line.md", "$$y = 2 x$$\n"), save=True)


@pytest.mark.parametrize(
    "name, content, target, told",
    [
        ("no-target-column", TABLE, "z", "a, b, c"),
        ("unreadable-data", TABLE.replace("2,3,v", "2,three,v"), "c", "table.csv:3:3"),
        ("not-finite", TABLE.replace("2,3,v", "2,nan,v"), "c", "table.csv:3:3"),
    ],
)
def test_a_table_that_cannot_be_used(refused, written, name, content, target, told):
    path = written("table.csv", content)
    assert told in refused(name, "train", SOFTMAX, "--data", path, "--target", target, save=True)


def test_a_missing_table(refused):
    refused("file-missing", "train", SOFTMAX, "--data", "missing.csv", save=True)


def test_a_size_that_nobody_gave(refused):
    assert "--size H=64" in refused("unknown-size", "train", SIGMOID, save=True)


@pytest.mark.parametrize(
    "name, options",
    [
        ("bad-option", ("--size", "H=abc")),
        ("bad-option", ("--size", "H")),
        ("bad-option", ("--size", "H=0")),
        ("bad-option", ("--size", "Q=3")),
        ("bad-option", ("--optimiser", "newtons")),
        ("bad-option", ("--dtype", "float16")),
        ("bad-option", ("--batch", "0")),
        ("bad-option", ("--epochs", "-1")),
        ("bad-option", ("--rate", "-1")),
        ("bad-option", ("--rate", "nan")),
        ("bad-option", ("--held-out", "2")),
        ("bad-option", ("--seed", "-1")),
        ("bad-option", ("--l2", "-1")),
        ("bad-option", ("--l2", "nan")),
        ("file-missing", ("--load", "missing.safetensors")),
    ],
)
def test_options_of_training_that_make_no_sense(refused, name, options):
    refused(name, "train", SOFTMAX, *options, save=True)


def test_sizes_that_disagree_with_the_data(refused, written):
    text = Path(SOFTMAX).read_text(encoding="utf-8")
    path = written("three.md", text.replace(r"1 \times D", r"1 \times 3").replace("{D ", "{3 "))
    err = refused("size-mismatch", "train", path, save=True)
    assert "x has size 3 in the document, but digits has 64" in err


def test_weights_that_cannot_be_written(chainrule, tmp_path):
    status, _, err = chainrule("train", SOFTMAX, "--save", tmp_path / "none" / "w.safetensors")
    assert status == 2
    assert err.startswith("bad-option: ")


def test_derive_of_a_name_that_is_not_printed_anywhere(refused):
    err = refused("unknown-symbol", "derive", SIGMOID, "--of", "Q", "--by", "W_1")
    assert "Q is not defined" in err
