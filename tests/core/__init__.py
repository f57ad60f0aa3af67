"""Claims about the pure part: values in, values out."""
