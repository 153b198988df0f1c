"""Super-resolution of text: small crops of words to crops of twice the size."""
