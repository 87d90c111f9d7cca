"""The way to a provider and back: from a unit's site, over the one host the provider knows.

1. The unit's site gives the browser a token in a cookie, and the address of the province's site a
   ticket that holds the hash of that token (:meth:`Relay.begin`).
2. The province's site, the only one that is registered with the provider, sends the browser there
   (:meth:`Relay.leave`) and takes the answer (:meth:`Relay.returned`).
3. It sends the browser back to the unit's site with a token that holds for a minute, once, and only
   in the browser that began (:meth:`Relay.hand_over`, :meth:`Relay.arrived`).

Every step is a link, no form: the policy of the pages lets no form lead to another site.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from flask import Response, abort, current_app, make_response, redirect, request, url_for
from itsdangerous import BadData, URLSafeSerializer
from werkzeug.wrappers import Response as BaseResponse

from hoitu.core.extensions import platform, session_of_call
from hoitu.core.i18n import prefix
from hoitu.core.oidc import Away
from hoitu.core.oidc.steps import AT_PROVIDER, HANDOVER, Stage, Step, leave, take_up
from hoitu.core.tokens import hash_of, new_token
from hoitu.core.units import Unit
from hoitu.core.web import cookies
from hoitu.core.web.addresses import origin
from hoitu.core.web.client import client_network
from hoitu.core.web.defence.limits import Limit, spare
from hoitu.core.web.site import active_unit, language, now

#: Seconds for which the cookie of a sign-in stays; how long a ticket may be on its way.
BROWSER_STAYS, TICKET_HOLDS = 30 * 60, timedelta(minutes=10)
#: Sign-ins begun from one network within an hour: behind one may be a whole office, or a school.
BEGUN: Final = Limit("sign-in", 300)
#: Parameters of the addresses: the ticket, and what takes up the handover.
TICKET, HANDED = "phieu", "ma"
#: In which a browser says what it asks for: a page of its own, or a part of one.
DEST: Final = "Sec-Fetch-Dest"


@dataclass(frozen=True, slots=True)
class Relay:
    """One kind of sign-in: who signs in, the cookie of their browser, and the endpoints."""

    who: str
    cookie: str
    away: str
    back: str
    arrive: str

    def begin(self, target: str, level: int = 1) -> Response:
        """Send the browser from a unit's site to the province's; it comes back to ``target``.

        ``level`` is that of the account which is asked for.
        """
        # Two tabs of one browser sign in beside each other.
        own = cookies.read(self.cookie) or new_token()
        until = int((now() + TICKET_HOLDS).timestamp())
        said = [active_unit().id, hash_of(own), target, language(), level, until]
        ticket = self._tickets().dumps(said)
        answer = private(redirect(f"{self._address(self.away, province())}?{TICKET}={ticket}"))
        cookies.keep(answer, self.cookie, own, BROWSER_STAYS)
        return answer

    def ticket(self) -> dict[str, Any] | None:
        """Return what the ticket in the address says; None when it is none of ours, or too old."""
        try:
            unit, browser, target, tongue, level, until = self._tickets().loads(
                request.args.get(TICKET, "")
            )
        except (BadData, ValueError, TypeError):
            return None
        # A picture on somebody's page could use up the sign-ins of a whole network.
        if now().timestamp() > until or request.headers.get(DEST, "document") != "document":
            return None
        return {
            "unit": unit, "browser": browser, "next": target, "language": tongue, "level": level
        }  # fmt: skip

    def callback(self) -> str:
        """Return the address that is registered with the provider."""
        return origin(province()) + url_for(self.back).removeprefix(request.script_root)

    def leave(self, ticket: Mapping[str, Any], sent: Away) -> Response:
        """Send the browser to the provider; 429 when too many sign-ins are begun from there."""
        own = cookies.read(self.cookie) or new_token()
        step = Step(ticket["unit"], {**ticket, "sent": dict(sent.kept)})
        with session_of_call(True) as writing:
            if not spare(BEGUN, client_network()):
                abort(429)
            leave(
                writing, platform.seal, now(), Stage(self.who, AT_PROVIDER), step,
                browser=hash_of(own), token=sent.state,
            )  # fmt: skip
            writing.commit()
        answer = private(redirect(sent.url))
        cookies.keep(answer, self.cookie, own, BROWSER_STAYS)
        return answer

    def returned(self, state: str) -> Step | None:
        """Return the step with this state, once, if this is the browser that left."""
        return self._take_up(AT_PROVIDER, state)

    def hand_over(self, step: Step, kept: Mapping[str, Any]) -> Response:
        """Send the browser on to the site it began on, with what is kept for that."""
        unit = platform.units.by_id(step.unit_id)
        if unit is None or not unit.has_site:
            abort(404)
        going = Step(step.unit_id, {"next": step.kept["next"], **kept})
        with session_of_call(True) as writing:
            token = leave(
                writing, platform.seal, now(), Stage(self.who, HANDOVER), going,
                browser=step.kept["browser"],
            )  # fmt: skip
            writing.commit()
        address = self._address(self.arrive, unit, step.kept["language"])
        return private(redirect(f"{address}?{HANDED}={token}"))

    def arrived(self) -> Step | None:
        """Return the step that leads to this site, once, if this is the browser that began."""
        step = self._take_up(HANDOVER, request.args.get(HANDED, ""))
        return step if step is not None and step.unit_id == active_unit().id else None

    def _take_up(self, place: str, token: str) -> Step | None:
        own = cookies.read(self.cookie)
        if not own or not token:
            return None
        with session_of_call(True) as writing:
            step = take_up(
                writing, platform.seal, now(), Stage(self.who, place), token=token,
                browser=hash_of(own),
            )  # fmt: skip
            writing.commit()
        return step

    def _address(self, endpoint: str, unit: Unit, tongue: str = "") -> str:
        path = url_for(endpoint).removeprefix(request.script_root)
        return origin(unit) + prefix(tongue or language()) + path

    def _tickets(self) -> URLSafeSerializer:
        return URLSafeSerializer(str(current_app.secret_key), salt=f"sign-in-ticket-{self.who}")


def province() -> Unit:
    """Return the unit whose site the provider knows; 404 where there is none."""
    found = platform.units.province()
    if found is None:
        abort(404)
    return found


def private(body: str | BaseResponse, status: int | None = None) -> Response:
    """Return an answer for one browser alone: no cache keeps it, no search engine lists it."""
    answer = make_response(body)
    if status is not None:
        answer.status_code = status
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer
