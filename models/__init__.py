"""The torch nets, by their papers' names."""
