"""The audit log of each tenant: kept in the database, verifiable outside of it, erasable person by person."""
