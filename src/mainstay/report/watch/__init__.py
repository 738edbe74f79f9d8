"""The page of the watch: how a live model stands, in one sentence, with the pictures that show why."""
