"""What is asked: pure questions over rollups and rows; no clock, no I/O."""
