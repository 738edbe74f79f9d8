"""Arithmetic on arrays: numbers in, numbers out, with no knowledge of models, files or time."""
