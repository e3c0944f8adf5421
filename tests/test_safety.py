"""A mistake of this program is said where it happens, and the rest of a document is judged."""

import pytest

import chainrule
from chainrule.checker import check
from chainrule.checker.claims import catalogue

TEXT = "\n# Notes\n\nLet $y = 2 x$ and\n\n$$ \\frac{dy}{dx} = 2 $$\n"


def _fails(page):
    raise TypeError("no size")
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
