"""How the verb `usage` says what takes time; that it does what it says is tried with the other verbs."""

from repro.kit.usage import command


def test_progress_is_said_once_it_takes_long(monkeypatch):
    """Nothing is said of what is soon over; what takes longer says how far it is."""
    now = iter([0.0, 1.0, 3.0, 3.0, 4.0])
    monkeypatch.setattr(command.time, "monotonic", lambda: next(now))
    said = []
    progress = command._Progress(said.append)
    for done in (1, 2, 3):
        progress(done, 9)
    assert said == ["2 of 9 files"]
