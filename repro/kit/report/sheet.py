"""A web page that is one file without a script and loads nothing: its frame, and the tables on it."""

from __future__ import annotations

import html
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_STYLE = Path(__file__).with_name("page") / "page.css"
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_OWN = """
main { padding-bottom: 2rem; }
svg { width: 100%; height: auto; margin: .5rem 0; }
svg text { font-size: 13px; fill: var(--soft); }
svg path { fill: none; stroke-width: 2.5; }
svg line { stroke: var(--rule); }
.wide { overflow-x: auto; margin-bottom: 1.5rem; }
.grid td:last-child { white-space: normal; }
.says { font-size: 1.15rem; font-weight: 600; }
.promote { color: var(--new); }
.hold { color: var(--gone); }
"""


def sheet(title: str, parts: Sequence[str]) -> str:
    """A page.

    Args:
        title: Its title, as text.
        parts: What is on it below the title, as markup.
    """
    style = _STYLE.read_text(encoding="utf-8") + _OWN
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en">',
            "<head>",
            '<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="color-scheme" content="light dark">',
            f"<title>{html.escape(title)}</title>",
            f"<style>{style}</style>",
            "</head>",
            "<body>",
            '<header><p class="brand">httpx upgrade kit</p></header>',
            "<main>",
            f"<h1>{html.escape(title)}</h1>",
            *parts,
            "</main>",
            "</body>",
            "</html>",
            "",
        ]
    )


def table(rows: Sequence[Sequence[str]]) -> str:
    """Rows of text, the first of which heads them, as a table."""
    head, *others = rows
    heads = "".join(f'<th scope="col">{html.escape(cell)}</th>' for cell in head)
    lines = [
        f'<th scope="row">{html.escape(first)}</th>' + "".join(f"<td>{html.escape(cell)}</td>" for cell in cells)
        for first, *cells in others
    ]
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    return f'<div class="wide"><table class="grid"><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div>'
