"""Legal guidance, policies and regimes (group c of the plan)."""
