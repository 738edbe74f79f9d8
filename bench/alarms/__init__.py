"""Alarms held to their promise on streams in which nothing changes."""
