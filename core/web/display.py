"""How a visitor wants pages to be shown: size of the text and colours.

The choice is kept in two cookies of the visitor's browser and nowhere else; without them a page
follows the device. Nothing here knows who the visitor is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from flask import Blueprint, Flask, current_app, redirect, request, url_for
from flask_babel import lazy_gettext as _
from werkzeug.wrappers import Response

from hoitu.core.access import public
from hoitu.core.web.site import is_local

blueprint = Blueprint("display", __name__)

#: Sizes of the text in percent, and the one that needs no cookie.
SIZES, USUAL_SIZE = ("90", "100", "112", "125", "150"), "100"
#: Colours; without a choice they are those of the device.
SCHEMES: Mapping[str, object] = {
    "": _("As on the device"),
    "light": _("Light"),
    "dark": _("Dark"),
    "contrast": _("High contrast"),
}
SIZE_COOKIE, SCHEME_COOKIE = "hoitu_size", "hoitu_scheme"
#: Parameters: size, colours, and the page to return to.
SIZE, SCHEME, BACK = "co-chu", "mau", "ve"
LIFE = timedelta(days=365)
#: Where the choices stand on the page: a browser opens the box around the place it goes to.
PLACE = "hien-thi"


@dataclass(frozen=True, slots=True)
class Display:
    """What the visitor chose; '' for the scheme of the device."""

    size: str
    scheme: str

    @property
    def smaller(self) -> str:
        """The next smaller size, or this one when there is none."""
        return SIZES[max(SIZES.index(self.size) - 1, 0)]

    @property
    def larger(self) -> str:
        """The next larger size, or this one when there is none."""
        return SIZES[min(SIZES.index(self.size) + 1, len(SIZES) - 1)]

    @property
    def attributes(self) -> dict[str, str | None]:
        """Attributes of <html> for the style sheets; None leaves one out."""
        return {
            "data-size": self.size if self.size != USUAL_SIZE else None,
            "data-scheme": self.scheme or None,
        }


def init_app(app: Flask) -> None:
    """Add the route and what templates ask for; that pages differ by cookie is said of all."""
    app.register_blueprint(blueprint)
    app.jinja_env.globals.update(display=display, display_schemes=SCHEMES)


def display() -> Display:
    """Return what the visitor of the request chose; what was never offered counts for nothing."""
    size = request.cookies.get(SIZE_COOKIE, USUAL_SIZE)
    scheme = request.cookies.get(SCHEME_COOKIE, "")
    return Display(
        size if size in SIZES else USUAL_SIZE,
        scheme if scheme in SCHEMES else "",
    )


@blueprint.get("/hien-thi")
@public
def choose() -> Response:
    """Keep a choice in the visitor's browser for a year and return to the page it came from.

    Asked for by GET: nothing is changed on the server, and a visitor needs no session for it.
    """
    back = request.args.get(BACK, "")
    back = back if is_local(back) else url_for("home.index")
    response = redirect(f"{back}#{PLACE}", 303)
    response.headers["Cache-Control"] = "no-store"
    for parameter, cookie, offered, usual in (
        (SIZE, SIZE_COOKIE, SIZES, USUAL_SIZE),
        (SCHEME, SCHEME_COOKIE, SCHEMES, ""),
    ):
        chosen = request.args.get(parameter)
        if chosen is not None and chosen in offered:
            _keep(response, cookie, chosen, usual)
    return response


def _keep(response: Response, cookie: str, chosen: str, usual: str) -> None:
    kept = {
        "secure": current_app.config["SESSION_COOKIE_SECURE"],
        "httponly": True,
        "samesite": "Lax",
    }
    if chosen == usual:
        response.delete_cookie(cookie, **kept)
    else:
        response.set_cookie(cookie, chosen, max_age=LIFE, **kept)
