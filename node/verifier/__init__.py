"""What an auditor runs without wanmi: nothing in here may import anything of it."""
