"""The character model of sent text: what it learns from, its net and its file."""
