"""Training of our own recogniser of lines."""
