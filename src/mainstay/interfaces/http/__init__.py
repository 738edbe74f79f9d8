"""The decision service on the network: routes, limits and answers."""
