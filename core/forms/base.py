"""What all forms share: messages in the language of the request.

WTForms ships no Vietnamese catalogue, so its messages are looked up in ours. CSRF is not a matter
of single forms: the desk checks it for every unsafe request.
"""

from __future__ import annotations

from typing import Any

import wtforms
from flask_babel import get_translations, lazy_gettext
from wtforms.meta import DefaultMeta

#: The messages of WTForms that our forms can show, named here so that they are extracted.
WTFORMS_MESSAGES = (lazy_gettext("This field is required."),)


class TranslatedMeta(DefaultMeta):
    """Behaviour of a form whose messages come from our catalogues."""

    def get_translations(self, form: Any) -> Any:
        """Return the catalogue of the request's language."""
        return get_translations()


class PlainForm(wtforms.Form):
    """Base of the few forms written by hand, such as the sign-in."""

    Meta = TranslatedMeta
