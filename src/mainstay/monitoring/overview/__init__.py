"""What the watch page tells, gathered from cells: figures alone, drawn elsewhere."""
