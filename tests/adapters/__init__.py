"""Claims about the adapters, made against real servers."""
