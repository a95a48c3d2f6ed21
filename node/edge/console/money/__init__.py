"""Money: the fund for repairs by proxy (代整治资金), figures for the budget (经费测算)."""
