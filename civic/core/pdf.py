"""Paper: the one place that sets type. Data enters as JSON, never as source, so a name cannot become an instruction."""

from __future__ import annotations

import json
import threading
from functools import cache
from importlib import resources
from io import BytesIO
from pathlib import Path
from typing import Any

import segno

PRINTS = Path(__file__).resolve().parent.parent.parent / "templates" / "prints"
# A compiler sets one sheet at a time.
_press = threading.Lock()


def printed(name: str, data: dict[str, Any], *, form: str = "pdf") -> bytes:
    """The document `templates/prints/<name>.typ` filled with `data`: one PDF, or with `form="png"` its first page."""
    with _press:
        found = _compiler().compile(
            str(PRINTS / f"{name}.typ"), format=form, sys_inputs={"data": json.dumps(data, ensure_ascii=False)}, ppi=80 if form == "png" else None
        )
    return found[0] if isinstance(found, list) else found


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
