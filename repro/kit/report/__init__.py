"""Reports: each module turns what the kit found into one form for one reader."""
