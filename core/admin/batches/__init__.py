"""Many entries at once: bulk work from the lists, imports, tables to take away, kept views."""
