"""Wing 1: runs in every cell, under every release, on the standard library, httpx, flask, respx and pytest only."""
