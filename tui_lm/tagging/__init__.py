"""A tagger in use: words in, a tag for each out."""
