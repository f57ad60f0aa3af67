"""The panel as an administrator sees it, in a real browser."""
