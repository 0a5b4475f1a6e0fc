"""English and Hindi: a small grammar, a lexicon and the sentence patterns built on them."""
