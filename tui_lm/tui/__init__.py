"""The app. Only this room imports Textual. It never imports torch, nor numpy before the first frame."""
