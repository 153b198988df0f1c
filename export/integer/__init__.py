"""The fixed-point form of an edge codec: its INT8 graphs as packed nets that libtcs runs."""
