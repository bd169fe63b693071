"""What the backend remembers: one port, two databases, tables that both know."""
