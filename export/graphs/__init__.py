"""The graphs of a model folder and where their weights live."""
