"""Reaching Redis: its address, clients for it, and in words why it does not do what was asked."""
