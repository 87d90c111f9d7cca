"""Links to the portals of other agencies (group m of the plan)."""
