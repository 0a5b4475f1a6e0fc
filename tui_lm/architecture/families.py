"""Names of architectures that other modules need without their classes."""

VECTOR_FAMILIES = ("word2vec", "fasttext", "glove", "ppmi")
