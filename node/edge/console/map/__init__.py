"""The map: what the node knows, drawn, and read out for those who do not see it."""
