"""The switchboard: what is on for a unit, and why.

:meth:`Switchboard.section_on` guards routes, menu, search, feeds, sitemap, API, desk and jobs
alike. Four predicates, asked in order, decide: is the plugin usable, may this type of unit have it
(*allowed*), does the law demand it (*mandated*), and what did the unit choose — or, where it did
not choose, its profile (*default*). What an enabled section needs (*required*) cannot be off.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from hoitu.core.clock import Clock
from hoitu.core.db import Base, Json
from hoitu.core.package_data import package_data
from hoitu.core.plugin import Manifest, Plugins
from hoitu.core.requirements import Catalogues, LegalBasis, Requirement
from hoitu.core.units.directory import Unit, holds


class UnitSectionRow(Base):
    """An explicit choice or waiver of one unit, for one requirement of one section.

    ``requirement`` is empty for sections that serve no requirement of the catalogue.
    """

    __tablename__ = "unit_section"
    __table_args__ = (UniqueConstraint("unit_id", "section", "requirement"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    section: Mapped[str] = mapped_column(String(60))
    requirement: Mapped[str] = mapped_column(String(60), default="")
    state: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(default="")
    decision_no: Mapped[str] = mapped_column(String(80), default="")
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None]
    changed_at: Mapped[datetime]
    config: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)


class Source(StrEnum):
    """Who decided: the order of the questions is the order here."""

    PLUGIN = "plugin"
    UNIT_TYPE = "unit_type"
    WAIVER = "waiver"
    LAW = "law"
    CHOICE = "choice"
    NEEDED = "needed"
    PROFILE = "profile"
    DEFAULT = "default"


#: Sources that the unit itself cannot overrule.
LOCKED = frozenset({Source.PLUGIN, Source.UNIT_TYPE, Source.LAW, Source.NEEDED})


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether something is on for a unit, who decided, and on what legal basis."""

    on: bool
    source: Source
    detail: str = ""
    legal_basis: tuple[LegalBasis, ...] = ()

    @property
    def locked(self) -> bool:
        """Say whether the unit has no switch for it."""
        return self.source in LOCKED


@dataclass(frozen=True, slots=True)
class Choice:
    """A stored choice, as the switchboard keeps it in memory."""

    state: str
    reason: str
    decision_no: str
    valid_from: date | None
    valid_until: date | None


class Switchboard:
    """Answers "is it on?" from memory; reloaded when the configuration stamp moves."""

    def __init__(self, plugins: Plugins, catalogues: Catalogues, clock: Clock) -> None:
        self._plugins = plugins
        self._catalogues = catalogues
        self._clock = clock
        self._profiles = _load_profiles()
        self._choices: dict[tuple[int, str, str], Choice] = {}
        self._decided: dict[tuple[int, str, str, date], Decision] = {}

    def reload(self, session: Session) -> None:
        """Read all choices from the database."""
        self._choices = {
            (row.unit_id, row.section, row.requirement): Choice(
                row.state, row.reason, row.decision_no, row.valid_from, row.valid_until
            )
            for row in session.scalars(select(UnitSectionRow))
        }
        self._decided = {}

    def section_on(self, unit: Unit, section: str, requirement: str | None = None) -> bool:
        """Say whether a section, or one requirement of it, is on for ``unit`` today.

        A section is on when one of its requirements is.
        """
        if requirement is not None:
            return self.explain(unit, section, requirement).on
        return any(self.explain(unit, section, r).on for r in self.parts(section))

    def explain(self, unit: Unit, section: str, requirement: str = "") -> Decision:
        """Return the decision and its reason for today."""
        day = unit.living_day(self._clock.today())
        key = (unit.id, section, requirement, day)
        # Bound first: what was decided before a reload is stored where nobody looks any more.
        decided = self._decided
        if key not in decided:
            decided[key] = self._decide(unit, section, requirement, day)
        return decided[key]

    def sections_on(self, unit: Unit) -> list[Manifest]:
        """Return the sections that are on for a unit, by weight."""
        return [m for m in self._plugins.sections() if self.section_on(unit, m.name)]

    def requirements_on(self, unit: Unit, section: str) -> frozenset[str]:
        """Return the requirements of a section that are on; '' stands for one without any."""
        return frozenset(r for r in self.parts(section) if self.explain(unit, section, r).on)

    def requirement(self, key: str) -> Requirement | None:
        """Return a requirement of today's catalogue."""
        return self._catalogues.on(self._clock.today()).duties.get(key)

    def parts(self, section: str) -> tuple[str, ...]:
        """Return the requirements a section serves; `("",)` for one that serves none."""
        plugin = self._plugins.get(section)
        return (plugin.manifest.requirements or ("",)) if plugin and plugin.manifest else ()

    def _decide(  # noqa: PLR0911 (one question, one answer)
        self, unit: Unit, section: str, requirement: str, day: date
    ) -> Decision:
        plugin = self._plugins.get(section)
        if plugin is None or plugin.manifest is None or not plugin.is_active:
            return Decision(False, Source.PLUGIN, plugin.state if plugin else "missing")
        if plugin.manifest.service:
            return Decision(True, Source.PLUGIN, "service")
        if requirement not in (plugin.manifest.requirements or ("",)):
            return Decision(False, Source.PLUGIN, "not served")
        duty = self._catalogues.on(day).duties.get(requirement)
        basis = duty.current_basis() if duty else ()
        if not self._allowed(unit, plugin.manifest, duty, day):
            return Decision(False, Source.UNIT_TYPE, unit.type, basis)
        choice = self._choices.get((unit.id, section, requirement))
        if choice and not holds(choice, day):
            choice = None
        if choice and choice.state == "waived":
            return Decision(False, Source.WAIVER, f"{choice.decision_no}: {choice.reason}", basis)
        if duty and self._mandated(unit, duty, day):
            return Decision(True, Source.LAW, duty.label_vi, basis)
        if needed_by := self._needed_by(unit, section, day):
            return Decision(True, Source.NEEDED, needed_by, basis)
        if choice:
            return Decision(choice.state == "on", Source.CHOICE, choice.reason, basis)
        if self._in_profile(unit, section, requirement):
            return Decision(True, Source.PROFILE, unit.type, basis)
        return Decision(plugin.manifest.default_on, Source.DEFAULT, "", basis)

    def _allowed(self, unit: Unit, manifest: Manifest, duty: Requirement | None, day: date) -> bool:
        unit_type = self._catalogues.unit_type(unit.type)
        if unit_type is None or not unit.has_site:
            return False
        if manifest.allowed_unit_types and not unit_type.matches(manifest.allowed_unit_types):
            return False
        if duty is None:
            return True
        of_types = duty.people_committee_only or not duty.mandatory
        if of_types and not unit_type.matches(duty.unit_types):
            return False
        return duty.holds_on(day)

    def _mandated(self, unit: Unit, duty: Requirement, day: date) -> bool:
        unit_type = self._catalogues.unit_type(unit.type)
        return unit_type is not None and duty.binds(unit_type, day)

    def _needed_by(self, unit: Unit, section: str, day: date) -> str:
        """Return the name of a section that the unit has on and that needs ``section``."""
        for manifest in self._plugins.sections():
            if section in manifest.requires_sections and any(
                self._decide(unit, manifest.name, part, day).on
                for part in self.parts(manifest.name)
            ):
                return manifest.name
        return ""

    def _in_profile(self, unit: Unit, section: str, requirement: str) -> bool:
        unit_type = self._catalogues.unit_type(unit.type)
        wanted = {section, f"{section}.{requirement}"}
        return unit_type is not None and any(
            unit_type.matches((name,)) and not wanted.isdisjoint(entries)
            for name, entries in self._profiles.items()
        )


def _load_profiles() -> dict[str, frozenset[str]]:
    profiles = package_data("hoitu.core.units", "profiles")
    return {name: frozenset(entry["on"]) for name, entry in profiles.items()}
