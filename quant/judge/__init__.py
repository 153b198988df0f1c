"""What a quantised net is judged by."""
