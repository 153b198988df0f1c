"""How long things take, beside something else in the same process."""
