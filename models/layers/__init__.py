"""Layers that several nets are made of."""
