"""问题库: what stands still or is long overdue, with whom it lies, habits of units, sheets."""
