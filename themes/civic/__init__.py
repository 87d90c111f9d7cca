"""Civic theme: the default look of a Vietnamese state portal."""
