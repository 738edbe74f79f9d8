"""Mainstay takes a tabular model from a notebook to a decision service that a business trusts, and keeps it true."""
