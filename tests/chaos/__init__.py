"""Chaos: all is killed, frozen and cut for a while, and nobody is forgotten or told twice."""
