"""Single questions, each a script that prints a table."""
