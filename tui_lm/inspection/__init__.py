"""What a network did with a text, in views that a reader can trust.

A view is a value: `look` computes a `Frame` of numbers and words, and `drawing`, `svg` and `export` turn it into lines,
a picture or JSON without computing anything. A panel that follows the keys does this:

    recorder = Recorder(engine)                                        # once, on the thread that owns the engine
    recording = recorder.record(WritingContext(text, author, history)) # a key: one step; backspace: none
    frame = look("gates", recording, Cursor(layer=0))                  # views_of(recording) lists those there are
    lines = frame_lines(frame, Paper(width=80, lines=16, colour=True)) # drawn; a line is a list of spans

The step that is recorded is the step that predicts: its state goes into the engine, and suggestions go on from there.
Every frame follows one `Cursor`, which holds the moves that a person makes: `cursor.moved(1, len(recording))`. A slow
view needs a process with torch; `views.work` yields its progress and returns its frame.

`edits.edited(recording, Change.parse("forget.17@5=0"))` is the recording of a changed network, which every view can
look at; the edit view compares the two. `beside.beside(recordings, times, top)` compares models.

Nothing is imported here, since the app holds a `Cursor` before numpy is loaded.
"""
