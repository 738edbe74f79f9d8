"""What the benchmarks share: environments of other tools, servers that end, a load, a table of figures."""
