"""Verification pages: whether a copy somebody holds is what the agency published, and still holds.

``/xac-minh/<id>`` tells when an item was published and by whom, where it stands now, and the
SHA-256 of its text and of each attached file. Files are compared in the visitor's browser and never
sent; without JavaScript the visitor computes the hash and enters it.

The text is hashed in its canonical form, which ``/xac-minh/<id>.txt`` returns: one line of JSON in
UTF-8 and NFC, without spaces, its keys in alphabetical order, with the ``id``, ``type`` and
``language`` of the item and below ``fields`` what visitors may see of it, attached files and what
is empty aside.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import segno
from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from markupsafe import Markup
from sqlalchemy import select

from hoitu.core import text
from hoitu.core.access import public
from hoitu.core.access.audit import AuditEntry
from hoitu.core.clock import write_instant
from hoitu.core.content import ContentType, Item, queries
from hoitu.core.content.kinds import Files
from hoitu.core.extensions import platform, session
from hoitu.core.web import withdrawn
from hoitu.core.web.addresses import (
    full,
    item_address,
    origin,
    owner_name,
    permanent_address,
)
from hoitu.core.web.chrome import crumbs
from hoitu.core.web.facts import facts
from hoitu.core.web.files import path_of
from hoitu.core.web.metadata.head import described
from hoitu.core.web.site import address_of as place_of
from hoitu.core.web.site import language, now
from hoitu.core.web.visibility import is_shown

blueprint = Blueprint("verification", __name__, template_folder="templates")

#: Name of the hash in the address of the form.
HASH: Final = "ma"
_SHA256 = re.compile(r"[0-9a-f]{64}")
#: Actions of the log by which the public text became what it is.
_PUBLISHING: Final = ("item.publish", "item.publish_urgently")
#: Publications that are told of, the newest ones.
VERSIONS: Final = 50
#: States as they are told, by key; those of documents are schema.org's words for legal force.
STATES: Final[Mapping[str, Any]] = {
    "public": lazy_gettext("Public"),
    "InForce": lazy_gettext("Public, in force"),
    "PartiallyInForce": lazy_gettext("Public, partly in force"),
    "NotInForce": lazy_gettext("Public for reference, not in force"),
    "withdrawn": lazy_gettext("No longer in force: taken off the site"),
    "replaced": lazy_gettext("Replaced"),
}
_TONES = {"public": "good", "InForce": "good", "PartiallyInForce": "info"}


@dataclass(frozen=True, slots=True)
class Hashed:
    """Something that can be compared: the text, or an attached file."""

    name: str
    sha256: str
    path: str
    #: In bytes.
    size: int


@dataclass(frozen=True, slots=True)
class Record:
    """What the page tells of a public item."""

    item: Item
    unit: str
    state: str
    text: Hashed
    files: Sequence[Hashed]
    #: When the public text became what it then was, the newest first; the first one is the present.
    versions: Sequence[datetime]

    @property
    def hashed(self) -> Sequence[Hashed]:
        """The text and the files."""
        return (self.text, *self.files)


@dataclass(frozen=True, slots=True)
class Comparison:
    """What came of a hash that somebody entered; ``found`` is None where nothing here has it."""

    entered: str
    problem: str
    found: Hashed | None


def init_app(app: Flask) -> None:
    """Give templates the address and the QR code of an item's verification page."""
    app.jinja_env.globals.update(verification_address=address_of, verification_code=code)


@blueprint.get("/xac-minh/<int:item_id>")
@public
def page(item_id: int) -> ResponseReturnValue:
    """Show what is known of a public item, and what became of a hash that was entered.

    Of one that is out of date, tell that it was published and does not hold any more; of one that
    was merged, lead to what it went into.
    """
    here = url_for("verification.page", item_id=item_id)
    last = (_("Verification"), here)
    values: dict[str, Any] = {"labels": STATES, "tones": _TONES, "HASH": HASH}
    found = _public(item_id)
    if found is None:
        gone = _withdrawn(item_id, "verification.page")
        values["crumbs"] = crumbs(last)
        body = render_template("web/verification.html", record=None, gone=gone, **values)
        return _as_gone(make_response(body))
    kind, item = found
    record = record_of(kind, item)
    compared = compare(record, request.args[HASH]) if request.args.get(HASH) else None
    return render_template(
        "web/verification.html",
        crumbs=crumbs((text.excerpt(item.title, 60), place_of(item)), last),
        record=record,
        kind=kind,
        facts=facts(kind, item),
        compared=compared,
        permanent=permanent_address(item),
        here=here,
        **values,
    )


@blueprint.get("/xac-minh/<int:item_id>.json")
@public
def data(item_id: int) -> Response:
    """Return the same for machines."""
    found = _public(item_id)
    if found is None:
        gone = _withdrawn(item_id, "verification.data")
        told = {"state": gone.state, "title": gone.title, "withdrawn_at": _iso(gone.at)}
        return _as_gone(jsonify(id=item_id, **told, replaced_by=gone.replacement))
    record = record_of(*found)
    item = record.item
    return jsonify(
        id=item.id,
        uid=item.uid,
        title=item.title,
        language=item.language,
        publisher=record.unit,
        state=record.state,
        url=item_address(item, item.language),
        permanent_url=permanent_address(item),
        published_at=_iso(item.published_from),
        versions=[_iso(at) for at in record.versions],
        text={
            "sha256": record.text.sha256,
            "url": full(record.text.path),
            "size": record.text.size,
        },
        files=[
            {"name": f.name, "sha256": f.sha256, "url": full(f.path), "size": f.size}
            for f in record.files
        ],
    )


@blueprint.get("/xac-minh/<int:item_id>.txt")
@public
def canonical(item_id: int) -> Response:
    """Return the canonical form of a public item's text: the bytes whose hash is told."""
    found = _public(item_id)
    if found is None:
        abort(404)
    response = Response(canonical_text(*found), content_type="application/json; charset=utf-8")
    response.headers["Content-Disposition"] = f"attachment; filename=van-ban-{item_id}.txt"
    return response


def canonical_text(kind: ContentType, item: Item) -> bytes:
    """Return an item's text in its canonical form; the module says what that is."""
    values = {
        name: declared.kind.dump(getattr(item, name))
        for name, declared in kind.shown_fields.items()
        if not isinstance(declared.kind, Files)
    }
    told = {
        "id": item.id,
        "type": item.type,
        "language": item.language,
        # What is empty is left out: a field that types get later moves no hash of old texts.
        "fields": {name: value for name, value in values.items() if value not in (None, "", [])},
    }
    line = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.nfc(line).encode()


def record_of(kind: ContentType, item: Item) -> Record:
    """Return what the page tells of a public item: one statement for its publications."""
    content = canonical_text(kind, item)
    path = url_for("verification.canonical", item_id=item.id)
    sha256 = hashlib.sha256(content).hexdigest()
    force = str(described(kind, item).get("legislationLegalForce") or "").rpartition("/")[2]
    files = [row.file for row in item.attachment_rows]
    return Record(
        item=item,
        unit=owner_name(item, language()),
        state=force if force in STATES else "public",
        text=Hashed(_("Text of this page"), sha256, path, len(content)),
        files=[Hashed(f.name, f.sha256, path_of(f), f.size) for f in files],
        versions=_publications(item),
    )


def compare(record: Record, entered: str) -> Comparison:
    """Return what a hash that was entered, in any spelling, is the hash of."""
    entered = "".join(entered.lower().split()).removeprefix("sha256:")[:200]
    if not _SHA256.fullmatch(entered):
        problem = _("A SHA-256 has 64 characters: digits and letters from a to f. Copy it whole.")
        return Comparison(entered, problem, None)
    found = next((h for h in record.hashed if h.sha256 == entered), None)
    return Comparison(entered, "", found)


def address_of(item: Item) -> str:
    """Return the full address of an item's verification page, at the unit that owns it."""
    path = url_for("verification.page", item_id=item.id).removeprefix(request.script_root)
    return origin(platform.units.by_id(item.unit_id)) + path


def code(item: Item) -> Markup:
    """Return a QR code that leads to an item's verification page, as SVG: three pixels a dot."""
    drawn = segno.make(address_of(item), error="m", micro=False)
    title = _("QR code: verify this page")
    return Markup(drawn.svg_inline(scale=3, light="#fff", title=title, omitsize=False))  # noqa: S704 (segno escapes the title)


@dataclass(frozen=True, slots=True)
class _Gone:
    title: str
    at: datetime
    state: str
    #: Address of the item that took its place, '' where there is none.
    replacement: str
    replaced_by: str


def _public(item_id: int) -> tuple[ContentType, Item] | None:
    """Return a public item that this site shows, with its type and its text."""
    item = queries.find(session(), Item, item_id, now())
    kind = platform.types.get(item.type) if item is not None else None
    if item is None or kind is None or not kind.is_page or not is_shown(item):
        return None
    return kind, item


def _withdrawn(item_id: int, endpoint: str) -> _Gone:
    """Return what visitors may know of an item that is out of date.

    :raises HTTPException: a way to the same page of what it was merged into; else 404, since of
        what was a mistake nothing is told.
    """
    found = withdrawn.find(item_id)
    other = withdrawn.public_target(found.target) if found is not None else None
    if found is not None and found.reason == withdrawn.MERGED and other is not None:
        answer = redirect(url_for(endpoint, item_id=found.target), 301)
        answer.headers["Cache-Control"] = withdrawn.KEPT
        abort(answer)
    if found is None or found.reason != withdrawn.OUTDATED:
        abort(404)
    state = "replaced" if other else "withdrawn"
    title, path = other or ("", "")
    return _Gone(found.title, found.at, state, full(path) if path else "", title)


def _as_gone(response: Response) -> Response:
    response.status_code = 410
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _publications(item: Item) -> list[datetime]:
    first = item.published_from
    if first is None:
        return []
    log = select(AuditEntry.at).where(
        AuditEntry.object_type == item.type,
        AuditEntry.object_id == str(item.id),
        AuditEntry.unit_id == item.unit_id,
        AuditEntry.action.in_(_PUBLISHING),
        # The log keeps whole seconds.
        AuditEntry.at > first + timedelta(seconds=1),
        AuditEntry.at <= now(),
    )
    later = session().scalars(log.order_by(AuditEntry.id.desc()).limit(VERSIONS))
    return [*later, first]


def _iso(instant: datetime | None) -> str | None:
    return write_instant(instant) if instant else None
