"""People (账户): accounts with roles and scope, sessions, tokens, the roles there are."""
