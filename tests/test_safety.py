"""A mistake of this program is said where it happens, and the rest of a document is judged."""

import json

import pytest

import chainrule
from chainrule import cli
from chainrule.checker import check
from chainrule.checker.claims import catalogue
from chainrule.checking import check_files

TEXT = "\n# Notes\n\nLet $y = 2 x$ and\n\n$$ \\frac{dy}{dx} = 2 $$\n"


def _raised():
    raise TypeError("no size")


def _fails(page):
    _raised()
    yield


@pytest.fixture
def lenient(monkeypatch):
    monkeypatch.delenv("CHAINRULE_STRICT", raising=False)


def test_a_kind_of_claim_that_fails_outside_of_any_claim_says_so(lenient, monkeypatch):
    monkeypatch.setattr(catalogue, "KINDS", (*catalogue.KINDS, _fails))
    findings = check.check(chainrule.read(TEXT).text).findings
    told = [one for one in findings if "please report it" in (one.diagnosis or "")]
    assert [(one.verdict, one.latex) for one in told] == [("unread", "# Notes")]
    assert [one.verdict for one in findings if one.latex.strip() == "2"] == ["proved"]


def test_a_chain_that_fails_is_unread_and_the_others_are_judged(lenient):
    judge = check.judge

    def fails_on_two(document, item, *rest):
        if document.text[item.members[-1].start : item.members[-1].end] == "2":
            raise TypeError("no size")
        return judge(document, item, *rest)

    reading = chainrule.read(TEXT + "\n$$ \\frac{dy}{dx} = 3 $$\n").text
    findings, _ = check._judged(reading, judge=fails_on_two)[1:]
    assert [one.verdict for one in findings] == ["unread", "wrong"]
    assert "TypeError: no size" in findings[0].diagnosis


def test_a_document_that_fails_is_refused_and_the_others_are_judged(
    lenient, monkeypatch, tmp_path
):
    (tmp_path / "a.md").write_text("$$ 1 + 1 = 3 $$\n")
    (tmp_path / "b.md").write_text(TEXT)
    whole = check.read_reading
    monkeypatch.setattr(
        check,
        "read_reading",
        lambda text, *rest: _raised() if "Notes" in text.text else whole(text, *rest),
    )
    told, report = [], tmp_path / "report.json"
    assert check_files([str(tmp_path)], None, report, told.append) == 2
    assert [one["verdict"] for one in json.loads(report.read_text())[0]["claims"]] == ["wrong"]
    (mistake,) = [line for line in told if line.startswith("program-mistake")]
    assert "b.md: a mistake of chainrule itself" in mistake


def test_a_command_that_fails_ends_in_one_message(lenient, monkeypatch, capsys):
    monkeypatch.setattr(cli, "_run", lambda given: _raised())
    with pytest.raises(SystemExit) as end:
        cli.main()
    assert end.value.code == 2
    assert capsys.readouterr().err.startswith("program-mistake: a mistake of chainrule itself")
