"""The letters' templates: read, checked, compiled, filled."""
