"""Arithmetic and yes/no decisions of volunteering, by noun."""
