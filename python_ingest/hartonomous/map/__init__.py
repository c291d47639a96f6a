"""A map to look at: one HTML page of a space's 3-D positions, which needs nothing else.

``points`` reads what is drawn, ``columns`` and ``colors`` decide how it is colored, ``page`` writes
the file; ``page/`` holds the page's own HTML, CSS and JavaScript.
"""

from __future__ import annotations

from .write import DrawnMap, write_map

__all__ = ["DrawnMap", "write_map"]
