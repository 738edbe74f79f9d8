"""The `mainstay` command: words in, an answer and the next step out."""
