"""Bytes against what readers read."""
