#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Promise 2 as a fact of the linker: the gateway holds no code that decrypts AES-GCM or uses an RSA private key.

usage: no_decryption.py GATEWAY OPENER    the second, which must hold both, shows that the search finds them
"""
import re
import subprocess
import sys

DECRYPTION = re.compile(r"AES_GCM_decrypt|AesGcmDecrypt")
PRIVATE_KEY = re.compile(r"RsaPrivate|wc_RsaFunctionPrivate|sp_RsaPrivate")


def symbols(program):
    """Defined in it, or asked of a shared library."""
    listed = subprocess.run(["nm", "-C", program], capture_output=True, text=True, check=True).stdout
    dynamic = subprocess.run(["nm", "-D", program], capture_output=True, text=True, check=True).stdout
    return {line.split(maxsplit=2 if line[:1].strip() else 1)[-1] for line in (listed + dynamic).splitlines() if line}


def main(gateway, opener):
    wrong = [f"{gateway}: error: holds {name}, use a link that leaves it out"
             for name in sorted(symbols(gateway)) if DECRYPTION.search(name) or PRIVATE_KEY.search(name)]
    for what in (DECRYPTION, PRIVATE_KEY):
        if not any(what.search(name) for name in symbols(opener)):
            wrong.append(f"{opener}: error: holds nothing like {what.pattern}, use a pattern that finds it")
    print("\n".join(wrong) if wrong else f"{gateway} cannot open what it seals")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
