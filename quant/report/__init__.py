"""What quantisation did, as tables, JSON and plots."""
