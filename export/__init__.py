"""From torch to model folders: graphs, entropy bundle, weights, manifest."""
