"""Training of codecs: recipes, data, losses, the trainer."""
