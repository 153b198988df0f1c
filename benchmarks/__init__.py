"""Measurements: latency, size and rate-accuracy against what a user would pick instead."""
