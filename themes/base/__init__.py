"""Base theme: accessible plain HTML; every other theme builds on it."""
