"""Adapters: how each stands, trying one, its jobs, what nobody could read."""
