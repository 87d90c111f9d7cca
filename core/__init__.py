"""The platform: everything a section or plugin may import is public below this package."""
