"""Every change of people, by noun: accounts, codes, grants, kin, consents. Imported by full path."""
