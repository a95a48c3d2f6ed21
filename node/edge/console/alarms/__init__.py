"""Calls for help, for the duty desk."""
