"""Where people and networks meet the workflows."""
