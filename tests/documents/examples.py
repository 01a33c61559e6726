"""What the tests of the documents share: a place with the antsrun given, and a shell into which examples
are typed there."""

import contextlib
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import threading

PATIENCE = 60  # Seconds for one example; then it is killed, and has failed.


@contextlib.contextmanager
def place(antsrun, programs=None):
    """An empty directory, and an environment with `antsrun` first in PATH, and `programs`: texts by name.

    The directory is kept, and named, when it is left by an exception."""
    base = pathlib.Path(tempfile.mkdtemp(prefix="antsrun-documents."))
    commands, directory = base / "bin", base / "work"
    commands.mkdir()
    directory.mkdir()
    for name in ("antsrun", "antsrun-xargs"):
        (commands / name).symlink_to(pathlib.Path(antsrun).resolve())
    write(commands, programs or {}, mode=0o755)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ANTSRUN_")}
    environment |= {"PATH": f"{commands}:{os.environ['PATH']}", "LC_ALL": "C"}
    try:
        yield directory, environment
    except BaseException:
        print(f"kept: {base}")
        raise
    shutil.rmtree(base)


def write(directory, files, mode=0o644):
    for name, text in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)


def run(shell, typed, directory, environment, *, stderr=subprocess.DEVNULL, until=None):
    """Exit status of the shell, and what was printed on standard output; or only the first `until`
    characters of that. What goes on then is ended."""
    with subprocess.Popen([shell, "-c", typed], cwd=directory, env=environment, text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=stderr,
                          start_new_session=True) as typed_into:
        limit = threading.Timer(PATIENCE, os.killpg, (typed_into.pid, signal.SIGKILL))
        limit.start()
        printed = typed_into.stdout.read(until)
        status = typed_into.wait()
        limit.cancel()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(typed_into.pid, signal.SIGTERM)
    return status, printed
