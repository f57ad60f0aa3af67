"""Approved letters: what people read, kept in files, and looked at as pictures.

`make letters` writes all of it anew; whoever commits the difference has read it.
"""
