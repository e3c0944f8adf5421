"""What costs too much is given up, by a clock that the tests wind themselves."""

import itertools

import pytest

import chainrule
from chainrule.checker.claims import catalogue
from chainrule.checker.findings import Outcome
from chainrule.checker.verify import _settled
from chainrule.language.budget import NUMBERS, OutOfBudget, check, renew, room, within

EASY = r"$$ (a + b)^2 = a^2 + 2 a b + b^2 $$"
COSTLY = r"$$ f = \sigma(\sigma(x)) $$ $$ " + r"\frac{\partial}{\partial x} " * 12 + "f = 1 $$"
LARGE = "$$ " + " ".join(rf"\delta_{{{a}{b}}}" for a in "abcdf" for b in "ghijk") + " = 1 $$"


def ticking(step):
    """A clock that goes on by so many seconds whenever it is looked at."""
    ticks = itertools.count()
    return lambda: next(ticks) * step


def judged(text):
    return [(one.verdict, one.diagnosis) for one in chainrule.read(text + "\n").check().findings]


def test_without_a_budget_everything_is_allowed():
    check()
    room(NUMBERS + 1)


def test_the_stricter_of_two_budgets_counts():
    clock = ticking(1)
    with within(5, clock), within(100):
        check()
        with pytest.raises(OutOfBudget, match="5 seconds"):
            for _ in range(10):
                check()


def test_a_budget_ends_with_its_work():
    with pytest.raises(OutOfBudget), within(1, ticking(1)):
        check()
        check()
    check()


def test_a_claim_that_takes_too_long_is_unread_and_the_next_one_is_judged():
    with within(1e9, ticking(0.02)):
        found = judged(f"{COSTLY}\n\n{EASY}")
    assert found == [("unread", "it would take longer than 2 seconds"), ("holds", None)]


def test_a_claim_that_takes_too_much_memory_is_unread():
    assert judged(LARGE) == [("unread", "it would take too much memory")]


class Fixed:
    """A chain under one reading whose outcome is known."""

    def __init__(self, outcome):
        self.found = outcome

    def outcome(self, against, position):
        return self.found

    def score(self):
        return (0, 0, 0)


def test_nothing_is_wrong_while_a_reading_was_given_up():
    wrong = Fixed(Outcome("wrong"))
    given_up = Fixed(Outcome("unread", given_up=True))
    unread = Fixed(Outcome("unread"))
    assert _settled(wrong, [wrong, unread], 0, 1).verdict == "wrong"
    assert _settled(wrong, [wrong, given_up], 0, 1).verdict == "unread"


def test_work_in_turn_has_a_budget_each_but_ends_with_the_one_around_it():
    clock = ticking(1)
    with within(9, clock), within(3):
        for _ in range(2):
            renew()
            check()
            check()
        with pytest.raises(OutOfBudget):
            for _ in range(9):
                renew()
                check()


def test_a_claim_in_words_that_takes_too_long_is_unread_and_the_others_are_judged(monkeypatch):
    def slow(page):
        for sentence in page.in_turn(page.sentences):
            while "too" in sentence.flat:
                check()
            yield page.finding(*sentence.span(), "holds")

    monkeypatch.setattr(catalogue, "KINDS", (slow,))
    with within(1e9, ticking(0.02)):
        found = judged("This is easy.\n\nThis is too hard.\n\nSo is that.")
    late = ("unread", "it would take longer than 2 seconds")
    assert found == [("holds", None), late, ("holds", None)]
