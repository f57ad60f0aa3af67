"""A simulated year of two thousand conferences, and what an independent computation says of it."""
