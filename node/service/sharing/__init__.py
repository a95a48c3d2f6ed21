"""The room of shared data sets: its catalogue, giving and reading."""
