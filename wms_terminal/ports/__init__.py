"""What the core asks of the world: Protocols that adapters implement."""
