"""Weights and activations as integers with steps."""
