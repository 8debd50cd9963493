"""Paper: the one place that sets type. Data enters as JSON, never as source, so a name cannot become an instruction."""

from __future__ import annotations

import json
from importlib import resources
from io import BytesIO
from pathlib import Path
from typing import Any

import segno

PRINTS = Path(__file__).resolve().parent.parent.parent / "templates" / "prints"


def printed(name: str, data: dict[str, Any], *, form: str = "pdf") -> bytes:
    """The document `templates/prints/<name>.typ` filled with `data`: one PDF, or with `form="png"` its first page."""
    import typst  # loaded where something is printed: most workers print little

    fonts = resources.files("pylopdf_fonts_zh_cn")
    found = typst.compile(
        str(PRINTS / f"{name}.typ"), root=str(PRINTS), font_paths=[str(fonts)], format=form,
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)}, ppi=80 if form == "png" else None,
    )  # fmt: skip
    return found[0] if isinstance(found, list) else found


def qr(address: str, *, border: int = 1) -> str:
    """A QR code as SVG text, for the `data` of a print or, with the quiet zone of four modules that cameras want, for a page."""
    out = BytesIO()
    segno.make(address, error="m").save(out, kind="svg", border=border, xmldecl=False, omitsize=border == 4, light="white" if border == 4 else None)
    return out.getvalue().decode()
