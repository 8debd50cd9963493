"""Forms of volunteering, by noun."""
