"""What becomes of an upload: kept when the scanner says it is clean, and only then."""

from __future__ import annotations

import logging
from typing import IO

from flask_babel import gettext as _

from hoitu.core.content import Problem
from hoitu.core.extensions import platform
from hoitu.core.units import Unit
from hoitu.plugins.antivirus.clamd import Scanner, ScannerError, TooLarge
from hoitu.plugins.antivirus.settings import AntivirusSettings

log = logging.getLogger(__name__)


def check(unit: Unit, name: str, source: IO[bytes]) -> list[Problem]:
    """Return why a file may not be kept; nothing when it is clean or no scanner is configured.

    A scanner that is configured and gives no verdict is an objection, never an exception: a plugin
    that keeps failing is left out in the end, and then nobody would look at all.
    """
    chosen = platform.settings.of(AntivirusSettings, unit)
    if not chosen.socket:
        return []
    try:
        virus = Scanner(chosen.socket, max(1, chosen.seconds)).scan(source)
    except TooLarge:
        log.warning(
            "clamd refused %r as too large: raise StreamMaxLength in clamd.conf to at least the "
            "setting upload_limit_mb (now %d MB)",
            name,
            platform.config.upload_limit_mb,
        )
        return [Problem("", _("the file is larger than the virus scanner takes."))]
    except ScannerError as error:
        log.error(
            "clamd at %s gave no verdict, so uploads are refused: %s. Start clamav-daemon, or "
            "correct the address with: hoitu setting set antivirus.socket",
            chosen.socket,
            error,
        )
        return [_unchecked()]
    except Exception:
        log.exception("the virus scan failed, so uploads are refused")
        return [_unchecked()]
    if not virus:
        return []
    log.warning("an upload to %s was refused: %s found in %r", unit.slug, virus, name)
    return [
        Problem("", _("the virus scanner found something harmful in it: %(virus)s.", virus=virus))
    ]


def _unchecked() -> Problem:
    message = _(
        "the virus scanner does not answer, so the file was not kept. Please try again in a few "
        "minutes; if it cannot be done then either, tell the operator of the platform."
    )
    return Problem("", message)
