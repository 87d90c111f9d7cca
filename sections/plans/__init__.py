"""Strategies, plans, master plans and projects (group d of the plan)."""
