"""From the MathML of latex2mathml to what browsers draw, MathML Core, as text.

Core has no fonts, boxes and column alignments as attributes: they become letters and classes for a
style sheet. What is written comes from a list of elements and attributes, so that no formula can
bring in anything else.
"""

from __future__ import annotations

import re
from html import escape, unescape
from itertools import zip_longest
from xml.etree.ElementTree import Element

from chainrule.notation.mathml_letters import in_font
from chainrule.notation.vocabulary import WORDS

ELEMENTS = frozenset(
    "math mrow mi mn mo mtext mspace ms msub msup msubsup munder mover munderover mmultiscripts"
    " mfrac msqrt mroot mtable mtr mtd mstyle mpadded mphantom mprescripts none".split()
)
ATTRIBUTES = frozenset(
    "display displaystyle scriptlevel stretchy fence form separator accent accentunder symmetric"
    " movablelimits largeop minsize maxsize width height depth lspace rspace voffset"
    " linethickness".split()
)
_PRIVATE = re.compile("[\ue000-\uf8ff]")


def in_core(root: Element) -> str:
    """A `math` element as text; the element is changed on the way."""
    for element in root.iter():
        _named(element)
        _accented(element)
        _limits_under(element)
        _bars_unstretched(element)
    return _written(root)


def _named(element: Element) -> None:
    """Functions that are written as commands which latex2mathml does not know; primes as signs."""
    text = element.text or ""
    if text.startswith("\\") and text[1:] in WORDS:
        element.text = text[1:]
    # As a sign a name would keep its distance from the bracket of its argument.
    if element.tag == "mo" and text.isalpha() and len(text) > 1 and not _moves(element):
        element.tag = "mi"
    if element.tag == "mi" and text and set(unescape(text)) == {"′"}:
        element.tag = "mo"
        element.attrib.update(lspace="0", rspace="0")


def _moves(sign: Element) -> bool:
    return sign.get("movablelimits") == "true"


_ACCENTS = frozenset("^~¯―‾→˙¨.ˇ˘´`")


def _accented(element: Element) -> None:
    """Hats, bars and dots close to their letter."""
    if element.tag == "mover" and len(element) == 2 and element[1].tag == "mo":
        if unescape(element[1].text or "") in _ACCENTS:
            element.set("accent", "true")


_UNDER = {"msub": "munder", "msup": "mover", "msubsup": "munderover"}
_LIMITS = frozenset("lim max min sup inf limsup liminf argmax argmin".split())


def _limits_under(element: Element) -> None:
    """Limits under their sign where there is room; browsers put them beside it elsewhere."""
    if element.tag in _UNDER and len(element) and element[0].tag == "mo":
        sign = element[0]
        if _moves(sign) or (sign.text or "") in _LIMITS:
            sign.set("movablelimits", "true")
            element.tag = _UNDER[element.tag]


def _bars_unstretched(parent: Element) -> None:
    """Bars that neither `\\left` nor a matrix makes grow are as high as a letter."""
    for child, before, after in zip(parent, [None, *parent], [*parent[1:], None], strict=False):
        beside = any(one is not None and one.tag == "mtable" for one in (before, after))
        bar = child.tag == "mo" and unescape(child.text or "") in _BARS
        if bar and not beside and "stretchy" not in child.attrib:
            child.set("stretchy", "false")


_BARS = frozenset("|‖∣∥⟨⟩⌊⌋⌈⌉")


def _written(element: Element) -> str:
    tag = element.tag if element.tag in ELEMENTS else "mrow"
    classes = [element.get("class"), *_classes(element)]
    attributes = {key: value for key, value in element.attrib.items() if key in ATTRIBUTES}
    if tag == "mpadded":
        # Lengths with a sign are relative to the contents, which MathML Core does not know.
        attributes = {key: value for key, value in attributes.items() if value[:1] not in "+-"}
    if attributes.get("display") == "inline":
        del attributes["display"]
    if tag == "mspace" and element.get("linebreak"):
        return ""
    text = _PRIVATE.sub("", unescape(element.text or ""))
    variant = element.get("mathvariant")
    if variant == "normal" and tag == "mi":
        attributes["mathvariant"] = "normal"
    elif variant:
        text = in_font(text, variant)
    if tag == "mtext":
        text = re.sub(r"\\([_%$&#{} ])", r"\1", text)
    if names := " ".join(name for name in classes if name):
        attributes["class"] = names
    opening = "".join(f' {key}="{escape(value)}"' for key, value in attributes.items())
    inside = "".join(
        _written(child) + (_THIN if _is_name_before(child, after) else "")
        for child, after in zip_longest(element, element[1:])
    )
    return f"<{tag}{opening}>{escape(text, quote=False)}{inside}</{tag}>"


_THIN = '<mspace width="0.1667em"></mspace>'


def _is_name_before(child: Element, after: Element | None) -> bool:
    """Whether a name such as `log` stands before its argument without a bracket."""
    name = child.tag == "mi" and child.text and child.text.isalpha() and len(child.text) > 1
    return bool(name) and after is not None and after.tag not in ("mo", "mspace")


_ENCLOSED = {
    "box": "boxed",
    "updiagonalstrike": "struck",
    "downdiagonalstrike": "struck",
    "updiagonalstrike downdiagonalstrike": "struck",
    "horizontalstrike": "struck",
}


def _classes(element: Element) -> list[str]:
    """What MathML Core leaves to style sheets: boxes, strokes, sides of columns."""
    found = []
    if element.tag == "menclose":
        found.append(_ENCLOSED.get(element.get("notation", ""), ""))
    if element.get("columnalign") in ("left", "right"):
        found.append(element.get("columnalign"))
    if element.tag == "mtable" and element.get("columnspacing") == "0em":
        found.append("aligned")
    return found
