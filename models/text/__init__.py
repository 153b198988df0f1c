"""Text encoders that others have trained, in plain tensor operations."""
