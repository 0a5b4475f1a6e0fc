"""tui-lm: your own language model, trained on your own chats, in your terminal, and you can see inside it."""

__version__ = "0.1.0"
