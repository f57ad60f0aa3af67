"""Running it elsewhere: the image, compose.yaml, and a Redis with users."""
