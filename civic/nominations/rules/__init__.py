"""Arithmetic and yes/no decisions of the pipeline, on values only, by noun."""
