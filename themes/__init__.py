"""Themes shipped with the platform: templates and assets, no Python."""
