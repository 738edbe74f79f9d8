"""Makes sentences, pictures and pages out of findings and numbers that were computed elsewhere."""
