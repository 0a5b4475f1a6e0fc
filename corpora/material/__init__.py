"""The written material and the small machines that assemble it into the bundled corpora."""
