"""Fits baselines and candidates, calibrates them, picks the threshold worth most and judges the winner once."""
