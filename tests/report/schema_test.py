"""Reports against schema/antsrun.report-1.json: those of report_samples and, given a second program
(antsrun), real ones. A field that the schema does not know is an error here.

schema_test.py REPORT_SAMPLES [ANTSRUN]
"""

import json
import pathlib
import subprocess
import sys

try:
    import jsonschema
except ImportError:
    print("skipped: needs python3-jsonschema")
    sys.exit(77)

ROOT = pathlib.Path(__file__).resolve().parents[2]
JOBS = rb"""true
exit 3
no-such-program-at-all
/etc/passwd
kill -TERM $$
kill -SEGV $$
echo last words >&2; exit 1
printf 'caf\351 \377' >&2; exit 1
: """ + b"\351\377\x1b[31m; false\n" + b": " + b"x" * 5000 + b"; false\n"


def strict(schema):
    """The same schema, without room for fields it does not name."""
    if isinstance(schema, dict):
        copy = {key: strict(value) for key, value in schema.items()}
        if isinstance(schema.get("properties"), dict):
            copy["additionalProperties"] = False
            missing = set(schema["properties"]) - set(schema["required"]) - {"escaped", "truncated"}
            assert not missing, f"fields that are always there are to be required: {missing}"
        return copy
    return [strict(item) for item in schema] if isinstance(schema, list) else schema


def no_duplicates(pairs):
    keys = [key for key, _ in pairs]
    assert len(keys) == len(set(keys)), f"a field stands twice: {keys}"
    return dict(pairs)


def check(validator, text):
    report = json.loads(text.decode("utf-8", "strict"), object_pairs_hook=no_duplicates)
    validator.validate(report)
    jobs = report["jobs"]
    assert jobs["read"] == jobs["started"] + jobs["skipped"] + jobs["not_started"], jobs
    assert jobs["started"] == jobs["succeeded"] + jobs["failed"], jobs
    assert jobs["failed"] == len(report["failures"]) + report["failures_omitted"]
    assert jobs["panicked"] == len(report["panics"]) + report["panics_omitted"]
    return report


def check_real_runs(validator, antsrun):
    def run(jobs, *options):
        done = subprocess.run([antsrun, "--report", "-", *options], input=jobs, capture_output=True)
        report = check(validator, done.stdout)
        assert report["exit_status"] == done.returncode, (report, done)
        return report

    run(b"")
    report = run(JOBS, "-j", "3")
    assert report["jobs"]["read"] == 10, report["jobs"]
    causes = sorted(failure["cause"] for failure in report["failures"])
    assert causes == sorted(["exit"] * 5 + ["not_found", "cannot_run", "signal", "panic"]), causes
    assert [panic["kind"] for panic in report["panics"]] == ["crash"]
    assert sum(worker["jobs"] for worker in report["workers"]) == 10
    assert report["pool"]["capacity"] == 3 and 1 <= report["pool"]["peak_running"] <= 3
    assert any("truncated" in failure for failure in report["failures"])
    assert sum("escaped" in failure for failure in report["failures"]) == 2
    assert report["argv"][1:] == ["--report", "-", "-j", "3"], report["argv"]

    retried = run(b'test "$ANTSRUN_ATTEMPT" = 2\nfalse\n', "--retries", "2", "--timeout", "1m")
    assert [(f["seq"], f["cause"], len(f["earlier"])) for f in retried["flaky"]] == [(1, None, 1)]
    assert [(f["seq"], f["cause"], len(f["earlier"])) for f in retried["failures"]] == [(2, "exit", 1)]

    limited = run(JOBS, "--report-limit", "2")
    assert len(limited["failures"]) == 2 and limited["failures_omitted"] == 7


def main():
    schema = json.loads((ROOT / "schema/antsrun.report-1.json").read_text())
    jsonschema.Draft7Validator.check_schema(schema)
    validator = jsonschema.Draft7Validator(strict(schema))
    samples = subprocess.run([sys.argv[1]], check=True, capture_output=True).stdout.splitlines()
    assert len(samples) >= 6
    for sample in samples:
        check(validator, sample)
    if len(sys.argv) > 2:
        check_real_runs(validator, sys.argv[2])
    print(f"{len(samples)} reports as in the schema")


main()
