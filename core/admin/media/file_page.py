"""The page of one file: what it is, what is told of it, where it is used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import abort, flash, g, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hoitu.core.access import requires
from hoitu.core.admin import work
from hoitu.core.admin.blueprint import blueprint
from hoitu.core.admin.media import holding
from hoitu.core.admin.media.answers import thumbnail
from hoitu.core.admin.media.province import provides
from hoitu.core.admin.media.sending import demand_use
from hoitu.core.admin.work import ID
from hoitu.core.content import File, FileVariant, Refused
from hoitu.core.extensions import platform, session
from hoitu.core.media import Description, library, rights, shared, usage
from hoitu.core.media.pictures import TYPES, pictures
from hoitu.core.web import look
from hoitu.core.web.files import deliver, send

#: The hidden fields with what the form's author saw: their names are this and those of the fields.
SEEN = "seen-"


@blueprint.app_context_processor
def values() -> dict[str, Any]:
    """Give forms with attachments the most bytes a file may have."""
    return {"upload_limit": lambda: platform.config.upload_limit_mb << 20}


@dataclass(frozen=True, slots=True)
class Complaint:
    """A problem beside the field it concerns, as the summary of a form lists it."""

    entry_id: str
    label: str
    message: str


@blueprint.route(f"/thu-vien/<{ID}:file_id>", methods=["GET", "POST"])
@requires("core.desk")
def media_file(file_id: int) -> ResponseReturnValue:
    """Show a file; store what is told of it."""
    file = _file(file_id)
    if request.method == "GET":
        return _page(file, _told(file))
    # Nobody else describes it until this is decided.
    session().refresh(file, with_for_update=True)
    entered = Description(
        alt=request.form.get("alt", ""),
        decorative="decorative" in request.form,
        source=request.form.get("source", ""),
        rights=request.form.get("rights", ""),
    )
    seen = _seen(_told(file))
    entered = entered.onto(seen, _told(file))
    try:
        changed = library.describe(work.context(), file, entered, seen)
    except Refused as refused:
        session().rollback()
        return _page(file, entered, refused, 422)
    session().commit()
    flash(_("Saved.") if changed else _("Nothing was changed."))
    return _to(file)


@blueprint.get(f"/thu-vien/<{ID}:file_id>/nho")
@requires("core.desk")
def media_small(file_id: int) -> ResponseReturnValue:
    """Return a small copy of a picture, or the picture itself while it has none."""
    file = _file(file_id)
    small = library.thumbnails(session(), [file]).get(file.id)
    copy = session().get(FileVariant, (file.id, *small)) if small else None
    return send(copy.sha256, TYPES[copy.format], file.name) if copy else deliver(file)


@blueprint.post(f"/thu-vien/<{ID}:file_id>/dung-chung")
@requires("core.desk")
def media_share(file_id: int) -> ResponseReturnValue:
    """Offer a file of the province to all units, or no longer."""
    file = _file(file_id)
    wanted = request.form.get("shared") == "1"
    try:
        shared.offer(work.context(), platform.units, file, wanted)
    except Refused as refused:
        session().rollback()
        return _page(file, _told(file), refused, 422)
    session().commit()
    flash(_("All units are offered this file now.") if wanted else _("It is no longer offered."))
    return _to(file)


@blueprint.post(f"/thu-vien/<{ID}:file_id>/mo-ta")
@requires("core.desk")
def media_describe(file_id: int) -> ResponseReturnValue:
    """Keep what a text says of a picture, where nobody has told the library yet; answer in JSON.

    What the library knows already stays: ``kept`` says whether anything was stored.
    """
    file = _file(file_id)
    # Two who put the same picture into their texts: the first one's words stay.
    session().refresh(file, with_for_update=True)
    if not library.is_undescribed(file):
        return jsonify(kept=False)
    entered = Description(request.form.get("alt", ""), False, file.source, file.rights)
    try:
        kept = library.describe(work.context(), file, entered)
    except Refused as refused:
        session().rollback()
        return jsonify(error=" ".join(map(str, refused.problems))), 422
    session().commit()
    return jsonify(kept=kept)


@blueprint.route(f"/thu-vien/<{ID}:file_id>/xoa", methods=["GET", "POST"])
@requires("core.desk")
def media_delete(file_id: int) -> ResponseReturnValue:
    """Ask before a file is deleted, then delete it; one that is used stays."""
    file = _file(file_id)
    if request.method == "GET":
        return render_template("desk/media/delete.html", file=file, is_used=_is_used(file))
    try:
        library.remove(work.context(), file, holding.held())
    except Refused as refused:
        session().rollback()
        return _page(file, _told(file), refused, 409)
    session().commit()
    flash(_("%(name)s was deleted.", name=file.name))
    return redirect(url_for("desk.media"), 303)


def _file(file_id: int) -> File:
    demand_use()
    found: File | None = session().get(File, file_id)
    if found is None:
        abort(404)
    return found


def _is_used(file: File) -> bool:
    """Say whether anything keeps a file from being deleted."""
    is_set = usage.is_set(session(), g.unit.id, file.id)
    return is_set or file.id in holding.held() or usage.is_used(session(), file.id)


def _told(file: File) -> Description:
    return Description(file.alt, file.decorative, file.source, file.rights)


def _seen(stored: Description) -> Description:
    """Return what the form showed; what it does not say is taken as it is stored."""
    return Description(
        alt=request.form.get(f"{SEEN}alt", stored.alt),
        decorative=request.form.get(f"{SEEN}decorative", str(int(stored.decorative))) == "1",
        source=request.form.get(f"{SEEN}source", stored.source),
        rights=request.form.get(f"{SEEN}rights", stored.rights),
    )


def _to(file: File) -> ResponseReturnValue:
    return redirect(url_for("desk.media_file", file_id=file.id), 303)


def _page(
    file: File, told: Description, refused: Refused | None = None, code: int = 200
) -> ResponseReturnValue:
    context, problems = work.context(), refused.problems if refused else ()
    types = frozenset(kind.name for kind in platform.types)
    uses = usage.uses(session(), file.id, types)
    labels = platform.settings.naming_files()
    named = usage.of_settings(session(), g.unit.id).items()
    settings = [_of_setting(key[0], labels[key]) for key, ids in sorted(named) if file.id in ids]
    waiting = [one.account_name for one in holding.imports() if file.id in one.files]
    of_gone = not uses.shown and usage.is_used(session(), file.id)
    found = pictures(session(), [file.id]).get(file.id) if file.width is not None else None
    widths = sorted({s.width for s in found.sources if s.format == "webp"}) if found else []
    shown = max((w for w in widths if w <= 640), default=min(widths, default=0))
    body = render_template(
        "desk/media/file.html",
        file=file,
        told=told,
        seen=_told(file),
        SEEN=SEEN,
        errors={p.field: str(p.message) for p in problems},
        complaints=[Complaint(p.field, _label(p.field), str(p.message)) for p in problems],
        uses=[(use, platform.types[use.item.type]) for use in uses.shown],
        others=uses.others,
        settings=settings,
        imports=waiting,
        of_gone=of_gone,
        may_open={kind.name for kind in work.kinds()},
        is_used=bool(uses.shown or of_gone or settings or waiting),
        is_picture=file.media_type.startswith("image/"),
        preview=thumbnail(file, {file.id: (shown, "webp")} if shown else {}),
        copies=sorted({s.width for s in found.sources}) if found else [],
        undescribed=library.is_undescribed(file),
        may_offer=provides() and rights.may_share(context),
        may_delete=not file.shared or rights.may_share(context),
    )
    return body, code


def _of_setting(owner: str, label: Any) -> str:
    if owner == look.NAME:
        return str(_("The look of the site: %(part)s", part=label))
    return str(_("A setting of the site: %(part)s", part=label))


def _label(name: str) -> Any:
    labels = {"alt": _("Text description"), "source": _("Source"), "rights": _("Rights")}
    return labels.get(name, "")
