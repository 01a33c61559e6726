"""What antsrun reads, beside other programs that write or read the same."""

import csv
import io
import random

from harness import test


@test("--csv: what Python's csv module writes arrives field by field, byte by byte")
def csv_fields(t):
    choose = random.Random(29)
    for terminator in ("\n", "\r\n"):
        rows = [["".join(choose.choices("ab,\"' \n\t$*é", k=choose.randrange(6))) for _ in range(3)] for _ in range(300)]
        text = io.StringIO()
        csv.writer(text, lineterminator=terminator).writerows(rows)
        t.write("table", text.getvalue())
        result = t.run("-k", "--csv", "--report", "none", r"printf '%s\000'", "{3}", "{1}", "{2}", "::::", "table")
        expected = "".join(f"{c}\0{a}\0{b}\0" for a, b, c in rows)
        t.equal((result.status, result.out), (0, expected.encode()), repr(terminator))
