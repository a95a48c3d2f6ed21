"""The console in a real browser: Debian's Chromium, driven by Playwright, at a real node."""
