"""The conformance test of recipes: what a recipe must keep to live here; the rules are in `domain.recipe_rules`."""
