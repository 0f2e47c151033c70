"""The verbs of the command line, each in the module of its name: its options, and what it does, which prints.

A module has `options(parser)`, which declares them and sets the function that is run. Only the module of the verb that
is asked for is imported, so it imports what it needs at its top: no verb starts later because another needs more.
What only the nox session of a verb has installed is imported in its function: `--help` answers without.
"""
