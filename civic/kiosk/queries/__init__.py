"""Every question about kiosks, by noun."""
