"""The parts of a model call: what is asked, who is tried, and what is accounted for."""
