"""What a calibration set says of a net before a bit is chosen."""
