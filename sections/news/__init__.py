"""News of the unit, of its leaders and of digital transformation (group k of the plan)."""
