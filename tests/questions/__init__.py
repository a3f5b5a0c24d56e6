"""Questions against what they are made of."""
