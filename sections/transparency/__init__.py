"""Duties of other laws beyond the plan (legal extras of the catalogue)."""
