"""What quantisation must know of the nets."""
