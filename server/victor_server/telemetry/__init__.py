"""What is measured and traced, under names that stand in one place."""
