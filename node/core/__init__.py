"""The trade, pure: no clock, no IO, no randomness, no wire format, no tier."""
