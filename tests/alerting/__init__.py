"""Rules, incidents, the outbox."""
