"""Measures what is claimed of the notifier, in processes of its own, by its front door."""
