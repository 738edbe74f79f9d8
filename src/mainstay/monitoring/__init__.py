"""The watch: counts of what was decided and what happened, judged against the reference a bundle carries."""
