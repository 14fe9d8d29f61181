"""Registers cases and runs them; each result is a line of JSON on standard output."""

import json

_cases = []


def case(suite, name):
    def register(run):
        _cases.append((suite, name, run))
        return run

    return register


def run_all(context):
    for suite, name, run in _cases:
        outcome, detail = "passed", ""
        try:
            run(context)
        # A failed case is the finding, whatever it raised; it is reported.
        except Exception as error:  # pylint: disable=broad-except
            outcome, detail = "failed", f"{type(error).__name__}: {error}"
        line = {"suite": suite, "name": name, "outcome": outcome, "detail": detail}
        print(json.dumps(line), flush=True)


def equal(found, expected):
    if found != expected:
        raise AssertionError(f"{found!r} is not {expected!r}")


def check(condition, what):
    if not condition:
        raise AssertionError(what)


def raises(kind, call):
    """The error of the kind that the call raises."""
    try:
        call()
    except kind as error:
        return error
    raise AssertionError(f"{kind.__name__} was not raised")
