"""Who includes whom: the rules of the house, checked on every #include of src/ and include/."""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
STAGES = {"read", "expand", "run", "emit", "report"}
# folder -> the folders of ours whose headers it may use, itself aside
ALLOWED = {
    "ants": set(),
    "base": set(),
    "job": {"base", "ants"},
    "dispatch": {"job", "base", "ants"},
    "cli": {"job", "base"},
    **{stage: {"job", "base", "ants"} for stage in STAGES},
}
# cli may also name the plain configurations of the stages.
CONFIG_HEADER = re.compile(r"\w+/\w*(config|options)\.hpp$")
# library -> the only files that may include it
OWNERS = {
    "CLI": {"src/cli/parse.cpp"},
    "nlohmann": {"src/report/job_json.cpp", "src/report/job_json.hpp", "src/report/jsonl.cpp",
                 "src/report/summary_json.cpp"},
    "doctest": set(),
}
INCLUDE = re.compile(r'^\s*#\s*include\s+[<"]([^>"]+)[>"]')


def folder_of(path):
    """The layer a file belongs to; None for the top of src, which may use everything."""
    parts = path.relative_to(ROOT).parts
    return parts[1] if len(parts) > 2 else None


def complaints(path):
    folder = folder_of(path)
    name = str(path.relative_to(ROOT))
    for number, line in enumerate(path.read_text().splitlines(), 1):
        found = INCLUDE.match(line)
        if not found:
            continue
        header = found[1]
        used = header.split("/")[0] if "/" in header else None
        where = f"{name}:{number}: "
        if used in OWNERS and name not in OWNERS[used]:
            yield f"{where}{header} belongs to {', '.join(sorted(OWNERS[used])) or 'the tests'} alone"
        elif folder == "ants" and used == "fmt":
            yield f"{where}the library uses the standard library and Linux only"
        elif used in ALLOWED and folder is not None and used != folder:
            if folder == "cli" and CONFIG_HEADER.match(header):
                continue
            if used not in ALLOWED[folder]:
                yield f"{where}{folder} must not include {header}"


def unlisted_sources():
    """Files are listed in CMakeLists.txt by hand; a forgotten one would be neither built nor run."""
    listed = (ROOT / "CMakeLists.txt").read_text()
    for path in sorted([*ROOT.glob("src/**/*.cpp"), *ROOT.glob("tests/*/*_test.cpp")]):
        name = str(path.relative_to(ROOT))
        if name.removeprefix("tests/") not in listed:
            yield f"{name}: not listed in CMakeLists.txt"


def main():
    files = [p for top in ("src", "include") for p in sorted((ROOT / top).rglob("*.[ch]pp"))]
    found = [line for path in files for line in complaints(path)] + list(unlisted_sources())
    for path in files:
        folder = folder_of(path)
        if folder is not None and folder not in ALLOWED:
            found.append(f"{path.relative_to(ROOT)}: a folder that tests/checks/layers.py does not know")
    print("\n".join(found) or f"{len(files)} files in their layers")
    return 1 if found else 0


sys.exit(main())
