"""What the backend believes of an identity provider: its addresses, its keys, and the tokens that they verify."""
