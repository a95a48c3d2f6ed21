"""The intake desk (受理登记): a report is taken from any channel."""
