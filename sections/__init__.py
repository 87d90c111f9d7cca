"""Sections shipped with the platform; built exactly like a vendor's."""
