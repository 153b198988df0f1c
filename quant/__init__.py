"""Post-training quantisation of tcsdk's graphs."""
