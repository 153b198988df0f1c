"""Recognisers: a crop of a line to its characters, one file per net."""
