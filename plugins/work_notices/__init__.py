"""Notices: whoever has to do something learns of it by mail."""
