"""chainrule explain: what a name in any output means."""

from __future__ import annotations

from typing import Annotated

from chainrule.cli.arguments import Argument


def explain(
    name: Annotated[str, Argument("A function, rule, verdict or error.")],
) -> None:
    """What a name in any output means."""
    from chainrule.explain import explain as explained

    print(explained(name))
