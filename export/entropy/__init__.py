"""The entropy bundle of a model: tables, gains, integer scale network."""
