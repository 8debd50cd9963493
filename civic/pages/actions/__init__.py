"""Deeds that mix features, by noun: complaints, and what ends with an account or a role. Imported by full path."""
