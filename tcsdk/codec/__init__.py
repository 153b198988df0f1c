"""One picture between pixels and stream, in the order of the pipeline."""
