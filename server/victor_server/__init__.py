"""Victor's language server: what an editor, a terminal and (later) a team talk to."""
