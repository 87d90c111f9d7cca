"""The mails: one that asks whether somebody wants to follow, and those with the news."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from flask import current_app
from flask_babel import force_locale, ngettext
from flask_babel import gettext as _

from hoitu.core.clock import format_date, local
from hoitu.core.content import Item
from hoitu.core.extensions import platform
from hoitu.core.mail import Composed, link
from hoitu.core.units import Unit
from hoitu.plugins.subscriptions import tokens
from hoitu.plugins.subscriptions.models import AT_ONCE, DAILY, WEEKLY, Reader, Subscription
from hoitu.plugins.subscriptions.targets import Target

#: Most entries of one mail; below them is the way to the rest.
ENTRIES: Final = 20


@dataclass(frozen=True, slots=True)
class Line:
    """An item as a mail tells it."""

    title: str
    address: str
    day: str
    #: The unit that published it, where that is not the one the mail is from.
    unit: str
    #: Its language, where that is not the one of the mail.
    tongue: str


@dataclass(frozen=True, slots=True)
class Chapter:
    """One thing that is followed, and what is new of it."""

    title: str
    lines: Sequence[Line]
    #: How many more there are than are told, and where they are.
    left: int
    more: str


def frequency_label(frequency: str, hour: int) -> str:
    """Return how often mails go out, in a few words."""
    labels = {
        AT_ONCE: _("As soon as something is new"),
        DAILY: _("Once a day, at %(hour)d:00", hour=hour),
        WEEKLY: _("Once a week, on Monday at %(hour)d:00", hour=hour),
    }
    return str(labels[frequency])


def asking(unit: Unit, target: Target, word: str, language: str) -> Composed:
    """Return the mail that asks whether it was the owner of an address who wants to follow."""
    with force_locale(language):
        name = unit.name(platform.clock.today(), language)
        values = {
            "name": name,
            "label": _told_to_strangers(target, unit, language),
            "address": link(unit, "subscriptions.confirm", tongue=language, token=word),
        }
        return _composed("asking", unit, language, _("Please confirm: follow by mail"), values)


def _told_to_strangers(target: Target, unit: Unit, language: str) -> str:
    """Return what is followed without what somebody typed: anybody may give anybody's address."""
    label = target.broad.label(unit, language)
    return label if target == target.broad else str(_("a search in: %(what)s", what=label))


def news(
    reader: Reader, unit: Unit, chapters: Sequence[tuple[Subscription, Sequence[Item]]]
) -> Composed:
    """Return the mail that tells somebody what is new of all they follow on a site."""
    language = reader.language
    with force_locale(language):
        told = _chapters(unit, language, chapters)
        count = sum(len(items) for _followed, items in chapters)
        first = told[0].lines[0].title
        subject = first
        if count > 1:
            subject = ngettext(
                "%(num)d new entry: %(first)s", "%(num)d new entries: %(first)s", count, first=first
            )
        token = tokens.stop_token(reader, unit.id)
        stop = link(unit, "subscriptions.stop", tongue=language, token=token)
        values = {
            "name": unit.name(platform.clock.today(), language),
            "chapters": told,
            "site": link(unit, "home.index", tongue=language),
            "manage": link(
                unit, "subscriptions.manage", tongue=language, token=tokens.manage_token(reader)
            ),
            "stop": stop,
            "since": format_date(
                min(local(f.confirmed_at).date() for f, _i in chapters if f.confirmed_at)
            ),
        }
        return _composed(
            "news", unit, language, subject, values, stop, f"subscriptions:{reader.id}"
        )


def _chapters(
    unit: Unit, language: str, chapters: Sequence[tuple[Subscription, Sequence[Item]]]
) -> list[Chapter]:
    found, room = [], ENTRIES
    for followed, items in chapters:
        told = [_line(item, unit, language) for item in items[:room]]
        room -= len(told)
        target = Target.of(followed)
        more = _place(target, unit, language)
        found.append(Chapter(target.label(unit, language), told, len(items) - len(told), more))
    return found


def _place(target: Target, unit: Unit, language: str) -> str:
    """Return the page with everything of a target."""
    if target.words:
        return link(unit, "search.results", tongue=language, **target.arguments())
    endpoint = f"{target.section}.index"
    known = target.section and not target.wide and endpoint in current_app.view_functions
    return link(unit, endpoint if known else "home.index", tongue=language)


def _line(item: Item, unit: Unit, language: str) -> Line:
    day = platform.clock.today()
    owner = platform.units.by_id(item.unit_id) or unit
    assert item.published_from is not None
    return Line(
        title=item.title,
        # What never changes: the title of the item, and with it its own address, may.
        address=link(owner, "permalinks.item", tongue=language, item_id=item.id),
        day=format_date(local(item.published_from).date()),
        unit="" if owner == unit else owner.name(day, language),
        tongue="" if item.language == language else item.language,
    )


def _composed(
    name: str,
    unit: Unit,
    language: str,
    subject: str,
    values: dict[str, Any],
    stop: str = "",
    mark: str = "",
) -> Composed:
    short = unit.short_name(platform.clock.today(), language)
    told = {**values, "tongue": language}
    return Composed(
        subject=f"[{short}] {subject}",
        text=_rendered(f"{name}.txt", told).strip(),
        html=_rendered(f"{name}_mail.html", {**told, "subject": subject}),
        sender=unit.name(platform.clock.today(), language),
        stop=stop,
        mark=mark,
        fleeting=True,
    )


def _rendered(name: str, values: dict[str, Any]) -> str:
    # Not Flask's own way, which adds what belongs to a request: a worker has none.
    return current_app.jinja_env.get_template(f"subscriptions/{name}").render(values)
