"""Which known changes between two releases touch a project's code: found by reading it, never by running it.

sources.py     the project's files, parsed, and what is told of each
inference.py   what an expression is, in httpx's own words: jedi, and what it lacks
keywords.py    what a call gives, also through `**`
uses.py        where the code uses httpx: each name, with its line and what it is given
touches.py     which of these a change can touch, by what its behaviour is about
difference.py  what httpx's own code lost between the two, by griffe
telling.py     text, Markdown and JSON
"""
