"""Every question about cases, by noun: one case, a desk's lists, a journey."""
