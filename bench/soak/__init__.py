"""The service under harm: bounded callers, what is done to it, and what must be true afterwards."""
