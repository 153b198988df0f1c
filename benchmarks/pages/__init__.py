"""Pages and pictures made from results."""
