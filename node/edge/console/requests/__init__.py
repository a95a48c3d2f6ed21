"""Approvals (申请审批): what assignees ask, whose turn it is, and what granting it does."""
