"""Who gets how many bits."""
