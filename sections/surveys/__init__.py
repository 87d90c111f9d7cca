"""Satisfaction surveys (group h of the plan)."""
