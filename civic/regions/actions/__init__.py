"""Every change of places: loading published files, a community's leaves, and single places. Imported by full path."""
