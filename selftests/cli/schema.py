#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""What damc -j prints fits Documentation/schema.

Without arguments: sample commands against the fake library. With arguments
SCHEMA=FILE (damc_ping=/tmp/out): what a real one printed.
"""
import json
import os
import pathlib
import subprocess
import sys

import jsonschema

TOP = pathlib.Path(__file__).resolve().parents[2]
DAMC = os.environ.get("DAMC", "damc")

# (schema, mode of the fake library, options, words)
SAMPLES = [
    ("damc_dev", "", "", "dev"),
    ("damc_dev", "empty", "", "dev"),
    ("damc_dev", "", "", "dev show lo"),
    ("damc_dev", "broken", "", "dev"),
    ("damc_neigh", "", "", "neigh"),
    ("damc_neigh", "", "-s", "neigh"),
    ("damc_neigh", "empty", "", "neigh"),
    ("damc_neigh_add", "", "-echo", "neigh add dev lo"),
    ("damc_route", "", "", "route"),
    ("damc_route", "", "-p", "route"),
    ("damc_route", "empty", "", "route"),
    ("damc_route_get", "", "", "route get /b/4"),
    ("damc_route_get", "", "", "route get /b/4 from /x flow 3"),
    ("damc_route_get", "", "", "route get /none"),
    ("damc_route_get", "", "", "route get /here"),
    ("damc_route_get", "", "", "route get /here flow 1"),
    ("damc_bind", "", "", "bind"),
    ("damc_bind", "empty", "", "bind"),
    ("damc_set", "", "", "set"),
    ("damc_set", "empty", "", "set"),
    ("damc_set", "", "", "set show 4294967295"),
    ("damc_policy", "", "", "policy"),
    ("damc_policy", "", "-s", "policy"),
    ("damc_policy", "empty", "", "policy"),
    ("damc_policy", "", "", "policy get /b class 2"),
    ("damc_route_get", "", "", "route get /b/4 class 1"),
    ("damc_route_get", "", "", "route get /b/4 class 7"),
    ("damc_pool", "", "", "pool"),
    ("damc_pool", "empty", "", "pool"),
    ("damc_pool", "", "", "pool get /p"),
    ("damc_route_get", "", "", "route get /p"),
    ("damc_route_get", "", "", "route get /p flow 3"),
    ("damc_stats", "", "", "stats"),
    ("damc_stats", "", "-d -s", "stats"),
    ("damc_info", "", "", "info"),
    ("damc_info", "empty", "", "info"),
    ("damc_monitor", "", "", "monitor"),
    ("damc_monitor", "", "-s -d", "monitor"),
    ("damc_monitor", "", "", "monitor route bind"),
    ("damc_monitor", "broken", "", "monitor"),
    ("damc_call", "", "", "call /b echo hello"),
    ("damc_call", "", "", "call /b echo ä"),
    ("damc_call", "", "", "call /b echo x record"),
    ("damc_call", "", "", "call /b fail x"),
    ("damc_call", "", "", "call /b away"),
    ("damc_call", "", "", "call /b late"),
]


def unique(pairs):
    """No object may have a key twice; json alone would keep the last."""
    if len({key for key, _ in pairs}) != len(pairs):
        raise ValueError("a key stands there twice")
    return dict(pairs)


def check(schema, text):
    """Why the text doesn't fit, or None."""
    rules = json.loads((TOP / f"Documentation/schema/{schema}.json").read_text())
    validator = jsonschema.Draft202012Validator
    try:
        validator.check_schema(rules)
        validator(rules).validate(json.loads(text, object_pairs_hook=unique))
    except (ValueError, jsonschema.ValidationError) as why:
        return str(why)
    return None


def run(mode, options, words):
    """What damc prints, given -j."""
    command = [DAMC, "-j", *options.split(), *words.split()]
    done = subprocess.run(command, capture_output=True, check=False,
                          env={**os.environ, "DAMC_FAKE": mode}, timeout=20)
    return done.stdout.decode()


def main():
    """TAP, and 1 if anything doesn't fit."""
    if sys.argv[1:]:
        todo = [(schema, file, pathlib.Path(file).read_text())
                for schema, _, file in (a.partition("=") for a in sys.argv[1:])]
    else:
        todo = [(schema, f"{mode}|{options}|{words}", run(mode, options, words))
                for schema, mode, options, words in SAMPLES]
    failed = 0
    print("TAP version 13")
    for number, (schema, what, text) in enumerate(todo, 1):
        why = check(schema, text)
        failed += why is not None
        print(f"{'not ok' if why else 'ok'} {number} - {schema}: {what}")
        for line in (why or "").splitlines():
            print("#", line)
    print(f"1..{len(todo)}")
    return 1 if failed else 0


sys.exit(main())
