"""The OpenAI API on loopback: other programs complete and chat with the user's model.

`guard` refuses what does not come from a program of this user, `request` reads the requests, `written` runs the model,
`shapes` makes the answers, and `application` brings them together.
"""
