"""From a tensor's samples to the range that a grid covers."""
