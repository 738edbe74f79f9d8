"""Turns one received row into a decision: admission, assignment, score, threshold, answer."""
