"""What the scripts of this plugin say, in the language of the page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _

#: By the name under which the scripts ask; CKEditor brings its own words in both languages.
TEXTS: Mapping[str, Any] = {
    "save": _("Save"),
    "cancel": _("Cancel"),
    "picture": _("picture"),
    "altTitle": _("Alternative text of the picture"),
    "altLabel": _("What does the picture show?"),
    "altHelp": _("Read out to people who do not see it. One short sentence, no “picture of”."),
    "altMissing": _("Say what the picture shows, or tick that it is decoration only."),
    "decorative": _("Decoration only: it says nothing that the text does not say"),
    "keepAlt": _("Keep this in the library, too: it does not know yet what the picture shows"),
    "altNotKept": _("The library could not keep the description. The text has it."),
    "uploadFile": _("Upload a file and link to it"),
    "uploading": _("Uploading %s"),
    "uploaded": _("Uploaded: %s"),
    "uploadFailed": _("%s could not be uploaded. Check the connection and try again."),
    "picturesLost": _(
        "Pictures that lie on another website or computer were left out: this site cannot show "
        "them. Save them on your computer and drag them into the text."
    ),
    "linkTitle": _("Link to an entry of this site"),
    "linkSearch": _("Title or number of the entry"),
    "libraryTitle": _("Picture or file of the library"),
    "librarySearch": _("Name or description of the file"),
    "searching": _("Searching…"),
    "searchFailed": _("The search did not answer. Try again in a moment."),
    "searchFound": _("Entries found, newest first: %s"),
    "searchNone": _("Nothing found. Try fewer words; accents may be left out."),
}

#: Words of CKEditor, by its own key, that the desk says otherwise: the page's title is the heading
#: of the first rank, and not all of CKEditor's Vietnamese is right.
MENDED: Mapping[str, Any] = {
    "Heading": _("Paragraph or heading"),
    "Choose heading": _("Choose a heading"),
    "Heading 2": _("Heading, level 1"),
    "Heading 3": _("Heading, level 2"),
    "Heading 4": _("Heading, level 3"),
    "Redo": _("Redo"),
    "Insert table": _("Insert table"),
    "Header row": _("Header row"),
    "Header column": _("Header column"),
    "Merge cells": _("Merge cells"),
    "Merge cell up": _("Merge with the cell above"),
    "Merge cell right": _("Merge with the cell on the right"),
    "Merge cell down": _("Merge with the cell below"),
    "Merge cell left": _("Merge with the cell on the left"),
    "Remove Format": _("Remove format"),
    "Subscript": _("Subscript"),
    "Superscript": _("Superscript"),
    "Start at": _("Start at"),
    "Whole words only": _("Whole words only"),
}
