"""Every question about volunteering, by noun."""
