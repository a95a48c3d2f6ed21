"""The acceptance run (验收): its criteria, what it measures, its document."""
