"""Questions of citizens and the answers of the unit (group i of the plan)."""
