#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""damc -b of random files says what ip -b does, which runs each line by itself.

Most lines are like another but for the name, as in files that load routes; some are
wrong, quoted, joined, of another verb. Usage: [ SEED=n ] batch.py
"""
import os
import random
import subprocess
import sys
import tempfile

ROUNDS = 6
LINES = 300

TAILS = ["dev lo", "dev lo lladdr 02:00:00:00:00:01", "dev lo weight 3", "  dev  lo ", "local",
         "prohibit proto damcd", "neigh 7", "nexthop dev lo nexthop neigh 3", "dev 'lo'"]
ODD_TAILS = ["dev lo # c", 'dev "lo"', "set 3", "dev nosuch0", "bogus", "", "udp 192.0.2.1",
             "dev lo \\\nweight 2", "dev lo weight 2 x"]
ODD_NAMES = ["/%41", "/%2E", "/x y", "/c/", "b", "'/q'", '"/q"', '/q"', "/", " /b", "/b#x"]
VERBS = ["add"] * 8 + ["replace"] * 3 + ["append", "del", "a", "repl", "delete", "show", "bogus"]
OTHERS = ["", "   ", "# x", "damc neigh", "damc dev show", "damc"]


def line(rng, like):
    verb, tail, word = like
    if rng.random() < 0.02:
        return rng.choice(OTHERS)
    if rng.random() < 0.08:
        tail = rng.choice(ODD_TAILS)
    if verb in ("del", "delete") and rng.random() < 0.9:
        tail = ""
    name = f"/n/{rng.randrange(10 ** 6)}"
    if rng.random() < 0.1:
        name = rng.choice(ODD_NAMES)
    return f"damc {word} {verb} {name} {tail}"


def lines(rng):
    like = None
    for _ in range(LINES):
        if not like or rng.random() < 0.1:
            like = rng.choice(VERBS), rng.choice(TAILS), rng.choice(["route", "r"])
        yield line(rng, like) + "\n"


def said(program, mode, options, path):
    run = subprocess.run([os.environ[program], *options, "-b", path], capture_output=True,
                         env=dict(os.environ, DAMC_FAKE=mode), timeout=60, check=False)
    # A line's rest, cut off by a comment, is no object: each names its own help.
    return run.returncode, run.stdout, run.stderr.replace(b'"ip help"', b'"damc help"')


def main():
    seed = int(os.environ.get("SEED") or random.randrange(2 ** 32))
    rng = random.Random(seed)
    count = bad = 0
    print(f"TAP version 13\n# SEED={seed}")
    for _ in range(ROUNDS):
        with tempfile.NamedTemporaryFile("w") as file:
            file.writelines(lines(rng))
            file.flush()
            for mode in "", "refuse", "nomodule":
                for options in ["-force"], []:
                    count += 1
                    same = (said("DAMC", mode, options, file.name) ==
                            said("IP", mode, options, file.name))
                    bad += not same
                    print(f"{'' if same else 'not '}ok {count} - batch {mode} {' '.join(options)}")
    print(f"1..{count}")
    return bad > 0


if __name__ == "__main__":
    sys.exit(main())
