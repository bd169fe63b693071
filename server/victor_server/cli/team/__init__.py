"""`victor team …`: what administrators ask of the team's backend, a file a subject."""
