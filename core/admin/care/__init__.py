"""Pages that keep what is published right: broken links, and replacing words in many texts."""

from __future__ import annotations
