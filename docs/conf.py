"""Sphinx configuration: MyST pages, built without warnings (``make docs``)."""

from __future__ import annotations

from importlib.metadata import version as installed

project = "Hội Tụ"
author = "Hội Tụ"
copyright = "Hội Tụ"
release = installed("hoitu")
extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build"]
html_theme = "alabaster"
html_static_path = ["_static"]
html_theme_options = {
    "description": "One platform for all portals of a province",
    "fixed_sidebar": True,
}
myst_heading_anchors = 3
nitpicky = True
