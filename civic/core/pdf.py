"""Paper: the one place that sets type. Data enters as JSON, never as source, so a name cannot become an instruction."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable
from functools import cache
from importlib import resources
from io import BytesIO
from pathlib import Path
from typing import Any

import segno

PRINTS = Path(__file__).resolve().parent.parent.parent / "templates" / "prints"
# A compiler sets one sheet at a time.
_press = threading.Lock()
# No font has it, for it is no character: its picture is the empty box.
_NO_SIGN = "\U0010ffff"
# What was asked of the fonts once: a sign → whether one of them has it.
_known: dict[str, bool] = {}
# Says whether a person waits for this print who has not been told yet what it lacks; the web half knows. Work in the
# background has nobody to ask.
warns: list[Callable[[], bool]] = []


class Unprintable(Exception):
    """A person asks for a print with signs that no font has. No refusal: they may have it all the same.

    `signs` are these, `around` the words they stand in, for a screen often lacks the sign as well.
    """

    def __init__(self, signs: str, words: str) -> None:
        super().__init__("signs that no font has")
        self.signs = signs
        found = re.findall(rf'[^"\\]{{0,6}}[{re.escape(signs)}][^"\\]{{0,6}}', words)
        self.around = list(dict.fromkeys(found))[:8]


def printed(name: str, data: dict[str, Any], *, form: str = "pdf") -> bytes:
    """The document `templates/prints/<name>.typ` filled with `data`: one PDF, or with `form="png"` its first page."""
    words = json.dumps(data, ensure_ascii=False)
    if any(tell() for tell in warns) and (signs := lacking(words)):
        raise Unprintable(signs, words)
    found = _set(name, words, form)
    return found[0] if isinstance(found, list) else found


def lacking(words: str) -> str:
    """The signs of a text that none of the fonts at hand has, each once; they would be empty boxes on paper.

    The compiler itself is asked, so fonts that a city installs for its rare names count.
    """
    rare = [sign for sign in dict.fromkeys(words) if not _is_common(sign)]
    if new := [sign for sign in rare if sign not in _known]:
        box, *pictures = _set("signs", json.dumps([_NO_SIGN, *new], ensure_ascii=False), "svg")
        _known.update(zip(new, (picture != box for picture in pictures), strict=True))
    return "".join(sign for sign in rare if not _known[sign])


def _is_common(sign: str) -> bool:
    """Whether it is one of the seven thousand that every Chinese font has."""
    try:
        return bool(sign.encode("gb2312"))
    except UnicodeEncodeError:
        return False


def _set(name: str, words: str, form: str) -> Any:
    with _press:
        return _compiler().compile(str(PRINTS / f"{name}.typ"), format=form, sys_inputs={"data": words}, ppi=80 if form == "png" else None)


@cache
def _compiler() -> Any:
    """One for the process, with the type read once: a second sheet of the same kind takes a tenth of the first."""
    import typst  # loaded where something is printed: most workers print little

    return typst.Compiler(root=str(PRINTS), font_paths=[str(resources.files("pylopdf_fonts_zh_cn"))])


def qr(address: str, *, border: int = 1) -> str:
    """A QR code as SVG text, for the `data` of a print or, with the quiet zone of four modules that cameras want, for a page."""
    out = BytesIO()
    segno.make(address, error="m").save(out, kind="svg", border=border, xmldecl=False, omitsize=border == 4, light="white" if border == 4 else None)
    return out.getvalue().decode()
