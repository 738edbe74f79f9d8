"""Streams with a known truth: customers, seasons and breaks on known days, for the demo and for tests."""
