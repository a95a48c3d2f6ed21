"""Maintenance (应用维护): tables and their versions, standards, places, rules, adapters."""
