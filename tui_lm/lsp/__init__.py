"""The language server: suggestions in any editor that speaks the Language Server Protocol.

`document` follows the edits of an editor, `options` reads its configuration, `protocol` answers its messages, `writer`
runs the model in a thread of its own, and `server` brings them together.
"""
