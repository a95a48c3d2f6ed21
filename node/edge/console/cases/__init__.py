"""The page of one case (案卷): facts, clocks, the way it came, what may be done with it."""
