"""Two versions of one model side by side: what changed, what that is worth, and what is new to worry about."""
