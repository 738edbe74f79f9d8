"""Worlds whose truth is known: simulated streams of rows, with every change and every probability written down."""
