"""What outlives a run of the app: the session, documents, conversations, and the report of a crash."""
