"""Languages: Vietnamese first, English complete; each package ships its own catalogue.

Message ids are English. ``locale/<language>/messages.po`` of every package is read at start and
kept as one catalogue per language: there is no build step that could be forgotten. A public address
under ``/en`` is the same page in English; :class:`LanguagePrefix` moves that prefix out of the way
before routing, and every generated address gets it back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask_babel import Domain, get_locale, lazy_gettext
from jinja2 import Environment

DEFAULT = "vi"
LANGUAGES = ("vi", "en")
#: What the languages are called in the language of whoever reads it.
NAMES = {"vi": lazy_gettext("Vietnamese"), "en": lazy_gettext("English")}
#: Key of the WSGI environment that holds the language of the request.
ENVIRON_KEY = "hoitu.language"


def prefix(language: str) -> str:
    """Return how public paths in a language begin."""
    return "" if language == DEFAULT else f"/{language}"


class Catalogues(Domain):  # type: ignore[misc]
    """The translations of core, plugins and themes, merged per language."""

    def __init__(self) -> None:
        super().__init__(translation_directories=[])
        self._folders: list[Path] = []
        self._merged: dict[str, Translations | NullTranslations] = {}

    def add(self, folder: Path) -> None:
        """Add the catalogues of a package, at start; earlier packages win."""
        if (folder / "locale").is_dir():
            self._folders.append(folder / "locale")

    def install(self, environment: Environment) -> None:
        """Let templates ask these catalogues directly; the way through Flask-Babel is long."""
        current = self.get_translations
        environment.install_gettext_callables(  # type: ignore[attr-defined]
            gettext=lambda text: current().gettext(text),
            ngettext=lambda one, many, n: current().ngettext(one, many, n),
            pgettext=lambda context, text: current().pgettext(context, text),
            npgettext=lambda context, one, many, n: current().npgettext(context, one, many, n),
            newstyle=True,
        )

    def get_translations(self) -> Translations | NullTranslations:
        """Return the catalogue of the active language."""
        locale = get_locale()
        language = locale.language if locale else DEFAULT
        if language not in self._merged:
            self._merged[language] = self._read(language)
        return self._merged[language]

    def _read(self, language: str) -> Translations | NullTranslations:
        merged: Translations | NullTranslations = NullTranslations()
        files = [f / language / "messages.po" for f in reversed(self._folders)]
        for path in (f for f in files if f.is_file()):
            catalogue = compiled(path, language)
            if isinstance(merged, Translations):
                merged.merge(catalogue)
            else:
                merged = catalogue
        return merged


def compiled(path: Path, language: str) -> Translations:
    """Return the translations of one ``.po`` file; fuzzy entries are left out."""
    return Translations(BytesIO(_machine_form(path, language, path.stat().st_mtime_ns)))


@lru_cache(maxsize=64)
def _machine_form(path: Path, language: str, changed_at: int) -> bytes:
    """Return a ``.po`` file in machine form; read once per process while it does not change."""
    buffer = BytesIO()
    with path.open("rb") as source:
        write_mo(buffer, read_po(source, locale=language))
    return buffer.getvalue()


class LanguagePrefix:
    """WSGI middleware: ``/en/van-ban`` is ``/van-ban`` in English."""

    def __init__(self, application: Callable[..., Iterable[bytes]]) -> None:
        self._application = application

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Route a request, its language taken from the first part of its path."""
        path = environ.get("PATH_INFO", "")
        first = path[1:].partition("/")[0]
        environ[ENVIRON_KEY] = DEFAULT
        if first in LANGUAGES and first != DEFAULT:
            environ[ENVIRON_KEY] = first
            environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + "/" + first
            environ["PATH_INFO"] = path[len(first) + 1 :] or "/"
        return self._application(environ, start_response)
