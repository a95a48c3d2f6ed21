"""The room of calls (来电登记): its rules, its use cases, what it asks of the tables."""
