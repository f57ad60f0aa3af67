"""What the service asks of the world: small parts to play, one adapter each."""
