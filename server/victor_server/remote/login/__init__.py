"""How a person becomes known to a team's backend, and stays so: logging in, tokens kept and renewed."""
