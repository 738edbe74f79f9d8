"""Reads tables, finds their types and splits them so that nothing learned leaks into what judges it."""
