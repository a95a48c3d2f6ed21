"""Speed, measured beside the raw limits of the same run. Nothing here asserts a time."""
