"""Recognisers: nets that read one line of text."""
