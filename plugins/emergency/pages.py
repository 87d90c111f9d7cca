"""What machines read of the banners: a feed, JSON, and alerts in the form other services take.

Alerts are in CAP 1.2, the Common Alerting Protocol of OASIS. The address of a banner has its last
message: the alert, an update when the end was put off, a cancellation for a day after it was taken
down. A message has an identifier of its own, and names those before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flask import (
    Blueprint,
    Response,
    abort,
    jsonify,
    make_response,
    render_template,
    request,
    url_for,
)
from sqlalchemy import select

from hoitu.core.access import audit, public
from hoitu.core.extensions import platform, session
from hoitu.core.web import active_unit, full_address, language, now, today
from hoitu.plugins.emergency import desk
from hoitu.plugins.emergency.board import Banner, standing, taken_down

blueprint = Blueprint("emergency", __name__, template_folder="templates")
blueprint.register_blueprint(desk.pages)

#: Urgency, severity and certainty in the words of CAP.
CAP = {
    "emergency": ("Immediate", "Extreme", "Observed"),
    "warning": ("Expected", "Severe", "Likely"),
    "information": ("Unknown", "Minor", "Unknown"),
}


@blueprint.get("/api/v1/emergency")
@public
def data() -> Response:
    """Return the banners of this moment as JSON."""
    return _fresh(jsonify(items=[_told(banner) for banner in standing(active_unit())]))


@blueprint.get("/api/v1/emergency/<uid>.cap")
@public
def alert(uid: str) -> Response:
    """Return the last message of a banner that stands, or was taken down lately."""
    stands = next((b for b in standing(active_unit()) if b.uid == uid), None)
    found = stands or taken_down(active_unit(), uid)
    if found is None:
        abort(404)
    *earlier, sent = _sent(found)
    area = platform.units.by_id(found.unit_id)
    response = make_response(
        render_template(
            "emergency/cap.xml",
            banner=found,
            kind=("Update" if earlier else "Alert") if stands else "Cancel",
            earlier=earlier,
            sent=sent,
            sender=request.host,
            grades=CAP[found.severity],
            area=area.name(today()) if area else "",
            address=full_address(found.address) if found.address else "",
        )
    )
    response.content_type = "application/cap+xml; charset=utf-8"
    return _fresh(response)


@blueprint.get("/khan-cap.atom")
@public
def feed() -> Response:
    """Return the banners of this moment as a feed."""
    banners = standing(active_unit())
    response = make_response(
        render_template(
            "emergency/feed.xml",
            banners=[(b, _page_of(b), _alert_of(b)) for b in banners],
            name=active_unit().name(today(), language()),
            updated=max((b.changed_at for b in banners), default=now()),
        )
    )
    response.content_type = "application/atom+xml; charset=utf-8"
    return _fresh(response)


def _told(banner: Banner) -> dict[str, object]:
    return {
        "uid": banner.uid,
        "severity": banner.severity,
        "unit": banner.unit_id,
        "below": banner.below,
        "issuer": banner.issuer,
        "headline": {"vi": banner.headline, "en": banner.headline_en},
        "text": {"vi": banner.detail, "en": banner.detail_en},
        "begins_at": banner.begins_at.isoformat(),
        "ends_at": banner.ends_at.isoformat(),
        "url": _page_of(banner),
        "cap": _alert_of(banner),
    }


def _sent(banner: Banner) -> Sequence[datetime]:
    """Return when each message of a banner was sent, by the log: to the second, in order."""
    log = audit.AuditEntry
    of_banner = log.object_type == "emergency_banner", log.object_id == str(banner.id)
    return sorted(set(session().scalars(select(log.at).where(*of_banner))))


def _page_of(banner: Banner) -> str:
    return full_address(banner.address or url_for("home.index"))


def _alert_of(banner: Banner) -> str:
    return full_address(url_for("emergency.alert", uid=banner.uid))


def _fresh(response: Response) -> Response:
    """Forbid to keep what may be over in a minute without asking again."""
    response.headers["Cache-Control"] = "no-cache"
    return response
