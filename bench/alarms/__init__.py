"""Alarms held to their promise on clean streams, and how late changes are seen, beside other tools."""
