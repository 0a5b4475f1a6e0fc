"""The terminal itself, without a widget: keys, signals, the clipboard, glyphs and themes."""
