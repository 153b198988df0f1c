"""Training of text super-resolution: pairs of crops, losses, recipes."""
