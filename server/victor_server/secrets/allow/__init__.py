"""What an author said may stay: comments in the text, and how to write one."""
