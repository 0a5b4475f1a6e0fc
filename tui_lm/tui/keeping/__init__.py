"""State that outlives a screen or a run: settings, session, text files, dialogues, crash reports."""
