"""What tests of paper share."""

# 𲎯, the last of CJK extension H: in no font of the house. `tests/core/test_paper.py` makes sure of it.
RARE = "\U000323af"
