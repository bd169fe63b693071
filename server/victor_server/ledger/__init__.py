"""What calls cost: reservations before, settled after, budgets over both."""
