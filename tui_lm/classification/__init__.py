"""A classifier in use: texts in, the probabilities of their labels out."""
