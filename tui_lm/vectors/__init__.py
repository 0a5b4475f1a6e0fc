"""Word vectors in use: neighbours, sums of words, composed words, and maps. No torch."""
