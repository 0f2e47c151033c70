"""Wing 2: runs once, around the cells; builds them, reads their records, compares, reports, judges."""
