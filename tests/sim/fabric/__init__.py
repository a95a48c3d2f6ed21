"""A seeded world for the link protocol: the production machines and operations on real SQLite,
under a simulated clock and network."""
