"""Every change in volunteering, by noun."""
