"""Linear models of hashed n-grams: what a classifier or tagger knows without a network."""
