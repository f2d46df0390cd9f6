"""What both runs share: calling a running local stack, and starting schemathesis against an address."""

import json
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from importlib.resources import files
from pathlib import Path

HERE = Path(__file__).resolve().parent
# No call to the local stack takes longer than this, in seconds.
CALL_WITHIN = 60
# No run of schemathesis takes longer, in seconds; on a machine with nothing else to do it is a tenth.
RUN_WITHIN = 360
# How settings are called that only newer versions of schemathesis have.
LEARNING = "extra-data-sources"


def call(method, url, body=None, headers=None):
    """Sends JSON, gives the status and what came back."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json", **(headers or {})}
    request = urllib.request.Request(url, data=data, method=method, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=CALL_WITHIN) as answer:
            status, text = answer.status, answer.read()
    except urllib.error.HTTPError as refused:
        status, text = refused.code, refused.read()
    try:
        return status, json.loads(text or b"null")
    except ValueError:
        return status, text.decode(errors="replace")


def need(method, url, body=None, headers=None):
    """The same, where anything but success ends the run."""
    status, answer = call(method, url, body, headers)
    if status >= 300:
        sys.exit(f"{method} {url}: {status} {answer}")
    return answer


def settings(config):
    """The settings that this version knows: one for an old Python does not learn from answers, and need not be told not to."""
    lines = (HERE / config).read_text().splitlines()
    known = files("schemathesis.config").joinpath("schema.json").read_text()
    return "\n".join(line for line in lines if LEARNING not in line or LEARNING in known)


def schemathesis(config, document, url, *arguments):
    """Runs it; whether every answer was as described, and what it wrote."""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    with tempfile.NamedTemporaryFile("w", suffix=".toml") as file:
        file.write(settings(config))
        file.flush()
        program = [sys.executable, "-m", "schemathesis.cli", "--config-file", file.name]
        command = [*program, "run", str(document), "--url", url, *arguments]
        try:
            ended = subprocess.run(command, check=False, timeout=RUN_WITHIN, **pipes)
        except subprocess.TimeoutExpired as late:
            return False, f"{(late.output or b'').decode()}\nended after {RUN_WITHIN} s"
    return ended.returncode == 0, ended.stdout
