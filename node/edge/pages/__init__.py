"""Templates of the pages behind one-time links."""
