"""What the behaviours of the command line share: a command that runs, and how much of it is the answer."""

import pytest

from repro.cell import command_line
from repro.cell.optional import companion


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """The folder that every command runs in."""
    return tmp_path_factory.mktemp("commands")


@pytest.fixture
def command(folder):
    """A function that runs the command line with these arguments, and answers all that it did."""
    return lambda *arguments: companion.ask(command_line.run, str(folder), *arguments)


@pytest.fixture
def printed(command):
    """A function that runs the command line with these arguments, and answers the lines that it printed."""
    return lambda *arguments: command(*arguments)["printed"]


@pytest.fixture
def exit_code(command):
    """A function that runs the command line with these arguments, and answers its exit code."""
    return lambda *arguments: command(*arguments)["exit"]


@pytest.fixture
def last_words(command):
    """A function that runs the command line with these arguments, and answers its exit code and its last line."""

    def run(*arguments):
        done = command(*arguments)
        return [done["exit"], done["printed"][-1]]

    return run


@pytest.fixture
def seen(command, upstream):
    """A function that runs the command line with the upstream and these arguments, and answers the request it sent.

    Where it sent none, it is how the command ended.
    """

    def request(*arguments):
        done = command(upstream.url, *arguments)
        return upstream.requests[-1] if upstream.requests else done

    return request
