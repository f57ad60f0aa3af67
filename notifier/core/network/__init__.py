"""The network: where the server listens, and where clients find it."""
