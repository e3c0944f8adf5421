"""From a flat run of tokens to nested items, and commands joined with their arguments.

Brackets are matched before anything is parsed, so that one bad bracket spoils its own surroundings
only: a group that is never closed ends with the row, the braces or the environment it stands in,
and a stray closing bracket stays a token.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from chainrule.notation import vocabulary
from chainrule.notation.tokens import Token


@dataclass(slots=True)
class Nest:
    """Items between brackets; `kind` is "brace", "group" or "environment" (named by `open`)."""

    kind: str
    open: str
    close: str
    items: list[Item]
    start: int
    end: int


@dataclass(slots=True)
class Call:
    """A command with its arguments and its optional argument in brackets."""

    name: str
    arguments: list[list[Item]]
    option: list[Item] | None
    start: int
    end: int


Item = Token | Nest | Call

#: How far from the top an opening bracket is looked for; keeps hopeless input linear.
_REACH = 60
_HARD = ("brace", "begin")


@dataclass(slots=True)
class _Frame:
    opener: Token | None
    items: list[Item]

    @property
    def kind(self) -> str:
        return self.opener.kind if self.opener else ""


def nest(tokens: list[Token]) -> list[Item]:
    """Tokens with their brackets, braces and environments matched."""
    frames = [_Frame(None, [])]
    hard = {"brace": 0, "begin": 0}
    for token in _rejoined(tokens):
        match token.kind:
            case "open" | "left" | "brace" | "begin":
                frames.append(_Frame(token, []))
                if token.kind in hard:
                    hard[token.kind] += 1
            case "unbrace" | "finish":
                _close_hard(frames, hard, token)
            case "close" | "right":
                _close_soft(frames, token)
            case _:
                frames[-1].items.append(token)
    while len(frames) > 1:
        _abandon(frames)
    return frames[0].items


def _close_hard(frames: list[_Frame], hard: dict[str, int], token: Token) -> None:
    """A closing brace or \\end closes whatever is still open inside."""
    kind = "brace" if token.kind == "unbrace" else "begin"
    if not hard[kind]:
        frames[-1].items.append(replace(token, kind="unread", text=_print(token)))
        return
    while frames[-1].kind != kind:
        if frames[-1].kind in hard:
            hard[frames[-1].kind] -= 1
        _abandon(frames)
    hard[kind] -= 1
    _finish(frames, token, "")


def _print(token: Token) -> str:
    return f"\\end{{{token.text}}}" if token.kind == "finish" else token.text


def _close_soft(frames: list[_Frame], token: Token) -> None:
    depth = _partner(frames, token)
    if depth is None:
        if token.text != ".":
            frames[-1].items.append(replace(token, kind="close"))
        return
    while len(frames) - 1 > depth:
        _abandon(frames)
    _finish(frames, token, token.text)


def _partner(frames: list[_Frame], token: Token) -> int | None:
    """The frame that a bracket closes: \\right the last \\left, others their twin, or `[0, 1)`."""
    for depth in range(len(frames) - 1, max(0, len(frames) - _REACH), -1):
        frame = frames[depth]
        if frame.kind in _HARD:
            return None
        if token.kind == "right" and frame.kind == "left":
            return depth
        if frame.kind == "open" and vocabulary.BRACKETS.get(frame.opener.text) == token.text:
            return depth
        if frame.kind == "open" and depth == len(frames) - 1 and _interval(frame, token):
            return depth
    return None


def _interval(frame: _Frame, token: Token) -> bool:
    commas = sum(isinstance(item, Token) and item.kind == "comma" for item in frame.items)
    return frame.opener.text in "([" and token.text in ")]" and commas == 1


def _finish(frames: list[_Frame], token: Token, close: str) -> None:
    frame = frames.pop()
    kind = {"brace": "brace", "begin": "environment"}.get(frame.kind, "group")
    start, end = frame.opener.start, max(token.end, frame.opener.end)
    frames[-1].items.append(Nest(kind, frame.opener.text, close, frame.items, start, end))


def _abandon(frames: list[_Frame]) -> None:
    """Closes a bracket that has no partner, at the end of its row if rows follow."""
    frame = frames.pop()
    cut = len(frame.items)
    if frame.kind not in _HARD:
        breaks = (index for index, item in enumerate(frame.items) if _is(item, "row", "cell"))
        cut = next(breaks, cut)
    inside, rest = frame.items[:cut], frame.items[cut:]
    kind = {"brace": "brace", "begin": "environment"}.get(frame.kind, "group")
    end = max([frame.opener.end, *(item.end for item in inside[-1:])])
    frames[-1].items.append(Nest(kind, frame.opener.text, "", inside, frame.opener.start, end))
    frames[-1].items.extend(rest)


def _rejoined(tokens: list[Token]) -> list[Token]:
    """Tokens without the `\\right. \\\\ \\left.` that carries one bracket over a row break."""
    dropped = set()
    last_right, broken = None, False
    for index, token in enumerate(tokens):
        if token.kind == "right":
            last_right, broken = (index if token.text == "." else None), False
        elif token.kind == "row":
            broken = True
        elif token.kind == "left":
            if token.text == "." and last_right is not None and broken:
                dropped |= {last_right, index}
            last_right = None
    return (
        [token for index, token in enumerate(tokens) if index not in dropped] if dropped else tokens
    )


def _is(item: Item | None, *kinds: str) -> bool:
    return isinstance(item, Token) and item.kind in kinds


def arrange(items: list[Item], depth: int) -> list[Item]:
    """Items of one level: commands with arguments, braces that only group opened, bars paired."""
    items, found = list(items), []
    position = 0
    while position < len(items):
        item, position = _taken(items, position, depth)
        follower = items[position] if position < len(items) else None
        if _is(item, "switch"):
            rest = items[position:]
            end = rest[-1].end if rest else item.end
            found.append(Call(item.text, [rest], None, item.start, max(end, item.end)))
            break
        if _opens(item, found, follower) and depth:
            inside = item.items if isinstance(item, Nest) else item.arguments[-1]
            found.extend(arrange(inside, depth - 1))
        else:
            found.append(item)
    return _paired(found)


def _opens(item: Item, found: list[Item], follower: Item | None) -> bool:
    """Whether an item stands for its content, as pure braces and colour do."""
    if found and _is(found[-1], "script"):
        return False
    if isinstance(item, Nest):
        plain = not _is(follower, "script", "prime") and not any(
            _is(one, "over") for one in item.items
        )
        return item.kind == "brace" and plain
    if not isinstance(item, Call) or not item.arguments:
        return False
    return item.name in vocabulary.TRANSPARENT or item.name == "textcolor"


def _taken(items: list[Item], position: int, depth: int) -> tuple[Item, int]:
    """The item at a position, a command with its arguments, and the position after it."""
    item = items[position]
    position += 1
    if not _is(item, "command"):
        return item, position
    arguments, option, end = [], None, item.end
    if item.text in vocabulary.WITH_OPTION and position < len(items):
        follower = items[position]
        if isinstance(follower, Nest) and follower.open == "[":
            option, end, position = follower.items, follower.end, position + 1
    for _ in range(vocabulary.ARGUMENTS[item.text]):
        while position < len(items) and _is(items[position], "space"):
            position += 1
        if position >= len(items) or not depth:
            break
        argument, position = _argument(items, position, depth - 1)
        arguments.append(argument.items if _bare(argument) else [argument])
        end = max(end, argument.end)
    return Call(item.text, arguments, option, item.start, end), position


def _bare(argument: Item) -> bool:
    return isinstance(argument, Nest) and argument.kind == "brace"


def _argument(items: list[Item], position: int, depth: int) -> tuple[Item, int]:
    """An argument without braces is one token, of a number only its first digit."""
    item = items[position]
    if not _is(item, "number") or len(item.text) == 1 or item.end - item.start != len(item.text):
        return _taken(items, position, depth)
    items[position] = replace(item, text=item.text[1:], start=item.start + 1)
    kind = "number" if item.text[0].isdigit() else "unread"
    return replace(item, kind=kind, text=item.text[:1], end=item.start + 1), position


def _paired(items: list[Item]) -> list[Item]:
    """Bars made into groups, or into the `|` of a condition where they have no partner."""
    left = {
        kind: sum(_is(item, "bar") and item.text == kind for item in items) for kind in ("|", "||")
    }
    if not any(left.values()):
        return items
    frames: list[tuple[Token, int]] = []
    found: list[Item] = []
    for index, item in enumerate(items):
        if not _is(item, "bar"):
            found.append(item)
            continue
        follower = items[index + 1] if index + 1 < len(items) else None
        left[item.text] -= 1
        if frames and frames[-1][0].text == item.text:
            opener, place = frames.pop()
            inside = found[place:]
            found[place:] = [Nest("group", item.text, item.text, inside, opener.start, item.end)]
        elif _stands_between(found, follower, left[item.text]) or len(frames) > 1:
            found.append(replace(item, kind="at" if _is(follower, "script") else "mid"))
        else:
            frames.append((item, len(found)))
    for opener, place in reversed(frames):
        found.insert(place, replace(opener, kind="mid"))
    return found


def _stands_between(found: list[Item], follower: Item | None, left: int) -> bool:
    """Whether a bar with `left` of its kind to come divides: `Y = 1 | X`, `f(x)|_{x=0}`."""
    after_operand = bool(found) and not _is(
        found[-1], "sign", "operator", "relation", "comma", "slash", "script"
    )
    return not left or (after_operand and (left % 2 == 0 or _is(follower, "script")))
