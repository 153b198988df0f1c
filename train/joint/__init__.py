"""Training of the map of pictures and captions that TACO's joint loss asks."""
