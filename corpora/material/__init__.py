"""The written material and the generators that assemble it into the bundled corpora."""
