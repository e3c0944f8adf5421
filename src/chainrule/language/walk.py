"""Recursion without Python's stack.

A pass is written as a generator that yields the nodes it wants visited and is sent the results:

    def size(node):
        total = 1
        for child in children(node):
            total += yield child
        return total

`walk(size, node)` runs it with a stack of its own, so that 300 nested layers are no problem, and
visits each distinct node once.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Hashable
from typing import Any

from chainrule.language import budget

# So many steps are made between two looks at the clock.
STRIDE = 64

Visit = Callable[[Any], Generator[Any, Any, Any]]


def walk(visit: Visit, root: Hashable, results: dict | None = None) -> Any:
    """The result of `visit` at root; `results` may carry results over from one walk to the next."""
    results = {} if results is None else results
    if root in results:
        return results[root]
    budget.check()
    stack = [(root, visit(root))]
    value = None
    steps = 0
    while stack:
        steps += 1
        if steps % STRIDE == 0:
            budget.check()
        node, generator = stack[-1]
        try:
            child = generator.send(value)
        except StopIteration as stop:
            stack.pop()
            value = results[node] = stop.value
            continue
        if child in results:
            value = results[child]
        else:
            stack.append((child, visit(child)))
            value = None
    return value
