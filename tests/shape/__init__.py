"""Claims about the shape of the code: what may stand where."""
