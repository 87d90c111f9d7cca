"""Who is signed in at the addressed site: by a cookie of its own, which holds on no other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, cast

from flask import Response, g, url_for

from hoitu.core.extensions import platform, session, session_of_call
from hoitu.core.people import Person, PersonSession, sessions
from hoitu.core.web import cookies
from hoitu.core.web.site import active_unit, now

#: The cookie of a session; never that of staff.
PERSON: Final = "hoitu_person"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A person, and the level of the account they signed in with here."""

    person: Person
    level: int


def signed_in() -> SignedIn | None:
    """Return who is signed in at this site; None for nobody."""
    if "hoitu_person" not in g:
        found = _session() if "unit" in g else None
        g.hoitu_person = SignedIn(found.person, found.level) if found else None
    return cast("SignedIn | None", g.hoitu_person)


def sign_in_path(target: str = "", level: int = 1) -> str:
    """Return the path of the sign-in page, to come back to ``target``; '' where nobody signs in.

    ``level`` is that of the account which ``target`` asks for.
    """
    if platform.hooks.resolve_login() is None:
        return ""
    return url_for("people.sign_in", tiep=target or None, muc=level if level > 1 else None)


def keep_private(response: Response) -> Response:
    """Keep a page on which somebody was looked for out of every cache."""
    kept = response.headers.get("Cache-Control", "")
    if g.get("hoitu_person") is not None and "no-store" not in kept:
        response.headers["Cache-Control"] = "private, no-store"
    return response


def _session() -> PersonSession | None:
    here = cookies.read(PERSON)
    if not here:
        return None
    found = sessions.find(session(), here, active_unit().id, now())
    if found is not None and now() - found.seen_at >= sessions.NOTED_EVERY:
        _note_use(found, here)
    return found


def _note_use(found: PersonSession, here: str) -> None:
    """Put off the end of a session that is in use."""
    if not g.hoitu_reads_only:
        # Kept with what the request writes: a second writer would wait for the first.
        sessions.note_use(session(), found, now())
        return
    with session_of_call(True) as writing:
        again = sessions.find(writing, here, active_unit().id, now())
        if again is not None and sessions.note_use(writing, again, now()):
            writing.commit()
