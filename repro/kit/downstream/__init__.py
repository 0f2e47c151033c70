"""A project of somebody else, tried under every release: what breaks, since when, and where in its code."""
