"""Tells people about their conferences and missed calls by mail."""
