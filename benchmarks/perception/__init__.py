"""How pictures look after coding, by measures of perception and of features."""
