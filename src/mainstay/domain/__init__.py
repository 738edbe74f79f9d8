"""The nouns of a model's life: frozen values without any input or output, and the errors everything raises."""
