"""Model folders: manifest, files, graphs."""
