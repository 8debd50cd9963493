"""Every change of points, by noun."""
