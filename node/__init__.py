"""One office of the federation: the same package at every tier."""
