"""Compares what was counted now with what was counted in training, and raises signals that keep a promise."""
