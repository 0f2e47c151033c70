"""What runs in the environment of somebody else's project: each module is a file to run, with its own protocol."""
