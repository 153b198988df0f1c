"""Graphs for TensorRT, and what it demands of them."""
