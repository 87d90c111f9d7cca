"""What the operator tells of the scanner; no unit decides for itself whether it is asked."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import lazy_gettext as _

from hoitu.core.settings import setting


@dataclass(frozen=True, slots=True)
class AntivirusSettings:
    """Where the scanner answers and how long it may take."""

    socket: str = setting(
        "",
        label=_("Socket of ClamAV"),
        help=_("Path of its Unix socket, or host:port. Empty: uploads are not scanned."),
        whole_platform=True,
    )
    seconds: int = setting(30, label=_("Seconds a scan may take"), whole_platform=True)
