"""The work list (案卷工作台): queues, filters, rows; the pattern for other desks."""
