"""What a digest says of a day or a week, and when it is due. Pure: no clock, no I/O."""
