"""Work that the app waits for without blocking: jobs for the thread that thinks, and child processes."""
