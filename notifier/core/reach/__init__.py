"""Reach: what is found at a federated server, and what is said of it."""
