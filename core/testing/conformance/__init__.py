"""The conformance kit: what "a valid section" means, for our own sections and for vendors'.

``pytest --pyargs hoitu.core.testing.conformance`` asks every installed plugin what its manifest's
``tier`` claims; ``-m gold`` asks for that level whatever is claimed, and ``--portal-plugin NAME``
narrows to one plugin. A vendor writes no code: samples come from the fields and ``demo.yaml``.
"""

from __future__ import annotations
