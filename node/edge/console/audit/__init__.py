"""The audit log (审计日志): read by filters, looked through, taken out."""
