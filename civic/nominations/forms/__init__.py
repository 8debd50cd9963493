"""Fields and wording of HTML input, one module for each noun; imported by full path."""
