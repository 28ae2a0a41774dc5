#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stock JSON Schema validator's verdicts. Standard input: the schema in the first line, a document in each other
one. Standard output: a line for each document, 1 for valid and 0 for not."""

import json
import sys

import jsonschema

schema = json.loads(sys.stdin.readline())
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema)
for line in sys.stdin:
    print(int(validator.is_valid(json.loads(line))))
