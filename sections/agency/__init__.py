"""The agency: duties, structure, organisation chart, directory, contacts (group e of the plan)."""
