"""People: their accounts, how they come in, what each may do."""
