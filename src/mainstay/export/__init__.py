"""Export: what leaves for other programs, written from what a version is. Values in, text out."""
