"""Permissions: what a tool may do, who decided that, and how a person is asked."""
