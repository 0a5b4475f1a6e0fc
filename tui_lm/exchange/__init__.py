"""Export models as Hugging Face folders and GGUF files; import pretrained models."""
