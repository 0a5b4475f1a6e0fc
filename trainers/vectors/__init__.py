"""Word vectors in training: skip-gram, CBOW and fastText with negative sampling, GloVe, and the SVD of PPMI."""
