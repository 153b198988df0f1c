"""Codecs: what all of them share, and one file per net."""
