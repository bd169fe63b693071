"""Secrets in a document that is opened, edited or saved, and what a person can do about them."""
