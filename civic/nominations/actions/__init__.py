"""Every change of a case, by noun: drafting, submitting, deciding, publishing, timing. Imported by full path."""
