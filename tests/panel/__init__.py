"""Claims about the panel, made against a real Redis."""
