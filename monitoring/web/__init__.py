"""What other programs read: today the monitor's own books as Prometheus text."""
