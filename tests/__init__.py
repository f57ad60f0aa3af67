"""The claims that the project makes about itself, each one tried."""
