"""Campaign channels by topic (group l of the plan)."""
