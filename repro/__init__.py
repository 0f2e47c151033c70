"""An upgrade regression test kit for httpx: see README.md, and CONTRIBUTING.md for the rooms of this house."""
