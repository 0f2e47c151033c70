"""Verifies a candidate deployment against the stable one beside it: promote on proof, or hold and say why."""
