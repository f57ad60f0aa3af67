"""Whole stories: an event goes in at one end, a mail comes out at the other."""
