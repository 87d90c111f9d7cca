"""Tools for readers of an item: keep it as a PDF, pass it on."""
