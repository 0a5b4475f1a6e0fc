"""The terminal, without widgets: keys, signals, clipboard, glyphs, themes, notices."""
