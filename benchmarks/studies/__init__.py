"""Studies: one question each, with its command."""
