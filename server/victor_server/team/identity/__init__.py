"""Who somebody is, and for how long that holds."""
