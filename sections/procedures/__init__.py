"""Administrative procedures and online services (group b of the plan)."""
