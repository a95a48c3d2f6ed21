"""Legacy systems of responsible units, one folder per kind. Imports nothing of hub or node."""
