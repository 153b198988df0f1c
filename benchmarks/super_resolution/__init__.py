"""Super-resolution of words, judged by reading."""
