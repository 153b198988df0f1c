"""Export: from torch weights to a model folder that runs without torch."""
