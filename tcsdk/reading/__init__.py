"""The text in pictures, and encoding that is checked by reading."""
