"""Legal documents: normative and administrative documents of a unit (group a of the plan)."""
