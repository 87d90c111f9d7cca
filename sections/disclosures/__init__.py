"""Budget and finance, statistics, research, anti-corruption (group g of the plan)."""
