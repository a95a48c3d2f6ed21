"""督查总览: the day in figures, and what somebody has to look after."""
