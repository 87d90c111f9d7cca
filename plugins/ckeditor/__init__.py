"""CKEditor 5 on the desk. GPL-2.0-or-later, as is all of this folder: see README.md."""
