"""Whole offices in the simulated fabric: link machines, use cases, rules and stores together.

Read ``world`` (who lives where), ``people`` (what they do), ``account`` (what must hold).
"""
