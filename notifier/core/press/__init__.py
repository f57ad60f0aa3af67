"""Writes letters in numbers: what many of them have in common is written once."""
