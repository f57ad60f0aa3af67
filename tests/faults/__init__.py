"""The promises, each by a test that tries to break it."""
