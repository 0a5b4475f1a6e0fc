"""The way out and in: models as Hugging Face folders and GGUF files, and pretrained ones as models of ours."""
