"""Recording: what is seen becomes rows and rollups."""
