"""What is done against the errors of rounding."""
