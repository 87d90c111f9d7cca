"""Languages: everything that is read exists in Vietnamese and in English."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from hoitu.core.content import Choice, ContentType, Field, Rows
from hoitu.core.i18n import ENVIRON_KEY, LANGUAGES
from hoitu.core.plugin.manifest import package_folder
from hoitu.core.testing import messages as catalogues
from hoitu.core.testing import source
from hoitu.core.testing.conformance.findings import demand
from hoitu.core.testing.conformance.installed import PortalPlugin
from hoitu.core.testing.conformance.levels import bronze
from hoitu.core.testing.conformance.trial import Trial


@bronze
def test_every_message_is_translated(portal_plugin: PortalPlugin) -> None:
    """The Vietnamese catalogue has every message of the package that core's has not."""
    folder = portal_plugin.folder
    wanted = catalogues.messages(catalogues.extracted(folder, folder.parent))
    core = catalogues.messages(catalogues.stored(package_folder("hoitu.core")))
    own = {key: message for key, message in wanted.items() if key not in core}
    known = catalogues.messages(catalogues.stored(folder))
    found = list(catalogues.gaps(own, known))
    found += [
        f"{path.relative_to(folder)}: {what}"
        for path, what in catalogues.unknown_names(portal_plugin.modules)
    ]
    demand(found, "Translate them in locale/vi/messages.po of the package.")


@bronze
def test_no_text_is_outside_the_catalogues(portal_plugin: PortalPlugin) -> None:
    """Python holds no Vietnamese text, templates no text at all that is not a message."""
    folder = portal_plugin.folder
    found = source.faults(folder.parent, portal_plugin.modules, source.vietnamese)
    found += [
        f"{path.relative_to(folder.parent)}: {text!r}"
        for path in portal_plugin.templates
        for text in source.bare_words(path.read_text("utf-8"))
    ]
    demand(found, 'Write _("English text") and translate it in locale/vi/messages.po.')


@bronze
def test_labels_are_in_both_languages(trial: Trial) -> None:
    """Types, fields, groups, options and settings have a name in each language."""
    found = []
    for language in LANGUAGES:
        with trial.app.test_request_context(environ_overrides={ENVIRON_KEY: language}):
            labels = [pair for kind in trial.kinds for pair in _labels(kind)]
            labels += _setting_labels(trial)
            found += [
                f"{place} has no label in {language}"
                for place, label in labels
                if not str(label or "").strip()
            ]
    demand(found, 'Give each a label: label=_("...").')


def _setting_labels(trial: Trial) -> list[tuple[str, Any]]:
    schema: Any = trial.platform.settings.schemas().get(trial.name)
    found = fields(schema) if schema else ()
    return [(f"setting {entry.name}", entry.metadata["label"]) for entry in found]


def _labels(kind: ContentType) -> Iterator[tuple[str, Any]]:
    yield kind.name, kind.label
    yield f"{kind.name} (plural)", kind.label_plural
    for position, group in enumerate(kind.layout, start=1):
        yield f"group {position} of {kind.name}", group.label
    for key, label in kind.requirements.items():
        yield f"requirement {key} of {kind.name}", label
    for name, declared in kind.fields.items():
        yield from _field_labels(f"{kind.name}.{name}", declared)


def _field_labels(place: str, declared: Field) -> Iterator[tuple[str, Any]]:
    yield place, declared.label
    if isinstance(declared.kind, Choice):
        for key, label in declared.kind.options():
            yield f"option {key!r} of {place}", label
    if isinstance(declared.kind, Rows):
        for column in declared.kind.columns:
            yield from _field_labels(f"{place}.{column.name}", column)
