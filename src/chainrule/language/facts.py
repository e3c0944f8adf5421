"""What a document declares about its symbols. Facts are declared, never assumed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

SUMS_TO_ONE, ONE_HOT, POSITIVE, ZERO = "sums-to-one", "one-hot", "positive", "zero"
NUMBER, SUMS_TO_ZERO, SIZE, SYMMETRIC = "number", "sums-to-zero", "size", "symmetric"
ONE_OF = "one-of"


@dataclass(frozen=True, order=True)
class Fact:
    """One property of an array, along one of its axes where that applies (counted from the last).

    sums-to-one  the elements along the axis add up to 1
    sums-to-zero they add up to 0
    one-hot      one element along the axis is 1, the others 0; it follows that they sum to 1
    positive     every element is greater than 0
    symmetric    a matrix is its own transpose
    zero         every element is 0
    number       every element is the number in `value`
    one-of       every element is one of the numbers in `value`, as a label is -1 or 1
    size         no array, but a size: the number in `value`
    """

    kind: str
    array: str
    axis: int = -1
    value: str = ""

    def __str__(self) -> str:
        match self.kind:
            case "sums-to-one":
                return f"sum({self.array}) = 1"
            case "sums-to-zero":
                return f"sum({self.array}) = 0"
            case "one-hot":
                return f"{self.array} one-hot"
            case "size" if self.array.startswith("?"):
                return f"{self.value} of them only"
            case "number" | "size":
                return f"{self.array} = {self.value}"
            case "one-of":
                return f"{self.array} is {' or '.join(self.value.split())}".replace("-", "−")
            case "zero":
                return f"{self.array.replace(' ', '')} = 0"
        return f"{self.array} {self.kind}"


def axis_of(facts: Iterable[Fact]) -> int:
    """The axis along which facts of one array hold.

    >>> axis_of([Fact(POSITIVE, "Y"), Fact(ONE_HOT, "Y", -2)])
    -2
    """
    return min((fact.axis for fact in facts), default=-1)
