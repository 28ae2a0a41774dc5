#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each house rule over a small tree that breaks it, and over one that does not."""
import pathlib
import tempfile
import unittest

import tidy

LICENCE = "// SPDX-License-Identifier: GPL-3.0-or-later\n"
SCRIPT_LICENCE = "# SPDX-License-Identifier: GPL-3.0-or-later\n"


class TidyTest(unittest.TestCase):
    def problems(self, files):
        """Of a tree with these files; each C++ file gets its licence and is named in a CMakeLists.txt."""
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            for name, text in files.items():
                path = root / name
                path.parent.mkdir(parents=True, exist_ok=True)
                if name.endswith((".h", ".cpp")):
                    text = LICENCE + text
                    with open(path.parent / "CMakeLists.txt", "a", encoding="utf-8") as cmake:
                        if cmake.tell() == 0:
                            cmake.write(SCRIPT_LICENCE)
                        cmake.write(f"edgeseal_library(room FILES {path.name})\n")
                path.write_text(text, encoding="utf-8")
            return tidy.problems(root)

    def expect(self, files, *expected):
        self.assertEqual(self.problems(files), list(expected))

    def test_a_sound_tree_is_tidy(self):
        self.expect({
            "crypto/base/bytes.h": "#include <vector>\n",
            "crypto/keys/key_options.h": '#include "crypto/base/bytes.h"\n',
            "storage/sqlite.cpp": '#include <sqlite3.h>\n#include "crypto/base/bytes.h"\n',
            "config/options.h": '#include "crypto/keys/key_options.h"\n',
            "tests/unit/storage/sqlite_test.cpp": '#include <sqlite3.h>\n#include "crypto/base/bytes.h"\n',
            "tests/run": "#!/bin/sh\n" + SCRIPT_LICENCE,
        })

    def test_an_arrow_that_turns(self):
        self.expect({"crypto/base/bytes.h": '#include "storage/spool.h"\n', "storage/spool.h": ""},
                    'crypto/base/bytes.h:2: error: crypto/base may not include storage ("storage/spool.h"), '
                    "use only nothing of ours")

    def test_the_gateway_does_not_include_what_opens(self):
        for room in ("agent/core", "agent/runtime", "agent/batch", "crypto/envelope", "transport/sinks"):
            found = self.problems({f"{room}/a.cpp": '#include "crypto/open/esdk_reader.h"\n',
                                   "crypto/open/esdk_reader.h": ""})
            self.assertEqual(len(found), 1, room)
            self.assertIn(f"{room} may not include crypto/open", found[0])

    def test_core_sees_interfaces_and_not_what_stands_behind_them(self):
        self.expect({"agent/core/a.cpp": '#include "transport/sinks/sink.h"\n#include "transport/ingest/source.h"\n',
                     "transport/sinks/sink.h": "", "transport/ingest/source.h": ""})
        found = self.problems({"agent/core/a.cpp": '#include "transport/sinks/s3_sink.h"\n',
                               "transport/sinks/s3_sink.h": ""})
        self.assertEqual(len(found), 1)
        self.assertIn("agent/core may not include transport/sinks", found[0])

    def test_config_sees_options_and_what_they_include_and_no_more(self):
        self.expect({"config/options.h": '#include "transport/aws/credentials_options.h"\n#include "transport/aws/role.h"\n',
                     "transport/aws/credentials_options.h": '#include "transport/aws/role.h"\n',
                     "transport/aws/role.h": ""})
        found = self.problems({"config/options.h": '#include "transport/aws/role.h"\n', "transport/aws/role.h": ""})
        self.assertEqual(len(found), 1)
        self.assertIn("config may not include transport/aws", found[0])

    def test_the_two_programs_share_a_room_and_not_what_they_include(self):
        files = {"agent/owner/opener.h": "", "agent/runtime/gateway.h": ""}
        self.expect(files | {"agent/cli/edgeseal_open.cpp": '#include "agent/owner/opener.h"\n',
                             "agent/cli/edgeseal.cpp": '#include "agent/runtime/gateway.h"\n'})
        found = self.problems(files | {"agent/cli/edgeseal_open.cpp": '#include "agent/runtime/gateway.h"\n',
                                       "agent/cli/edgeseal.cpp": '#include "agent/owner/opener.h"\n'})
        self.assertEqual([line.split(":")[0] for line in found], ["agent/cli/edgeseal.cpp", "agent/cli/edgeseal_open.cpp"])

    def test_nothing_includes_tests(self):
        found = self.problems({"storage/a.cpp": '#include "tests/support/random.h"\n', "tests/support/random.h": ""})
        self.assertEqual(len(found), 1)
        self.assertIn("storage may not include tests", found[0])

    def test_a_folder_that_is_no_room(self):
        self.expect({"helpers/a.h": ""}, "helpers/a.h:1: error: in no room, use a folder that house.py lists")

    def test_every_door(self):
        for header in ("sqlite3.h", "curl/curl.h", "mqtt/client.h", "MQTTAsync.h", "yaml-cpp/yaml.h", "openssl/ssl.h",
                       "systemd/sd-daemon.h", "wolfssl/wolfcrypt/aes.h", "cbor.h", "zstd.h", "expat.h"):
            found = self.problems({"agent/runtime/a.cpp": f"#include <{header}>\n"})
            self.assertEqual(len(found), 1, header)
            self.assertRegex(found[0], r"^agent/runtime/a\.cpp:2: error: <.*> is not to be named here, use ")

    def test_wolfcrypt_stays_out_of_headers(self):
        self.expect({"crypto/primitives/wolfcrypt.h": "#include <wolfssl/options.h>\n",
                     "crypto/primitives/sha2.cpp": "#include <wolfssl/options.h>\n",
                     "crypto/open/rsa.cpp": "#include <wolfssl/options.h>\n"})
        self.assertEqual(len(self.problems({"crypto/primitives/sha2.h": "#include <wolfssl/options.h>\n"})), 1)

    def test_an_include_that_is_no_path_from_the_root(self):
        self.expect({"storage/a.cpp": '#include "spool.h"\n', "storage/spool.h": ""},
                    'storage/a.cpp:2: error: "spool.h" is no path from the root, use "storage/spool.h"')
        self.expect({"storage/a.cpp": '#include "../crypto/base/bytes.h"\n', "crypto/base/bytes.h": ""},
                    'storage/a.cpp:2: error: "../crypto/base/bytes.h" is no path from the root, '
                    'use "crypto/base/bytes.h"')
        self.expect({"storage/a.cpp": '#include "gone.h"\n'},
                    'storage/a.cpp:2: error: "gone.h" is no path from the root, use its path from the root')

    def test_a_header_that_its_source_does_not_include_first(self):
        self.expect({"storage/a.h": "", "storage/a.cpp": '#include "storage/a.h"\n#include <vector>\n'})
        self.expect({"storage/a.h": "", "storage/a.cpp": '\n#include <vector>\n#include "storage/a.h"\n'},
                    'storage/a.cpp:3: error: its own header does not come first, use #include "storage/a.h"')
        self.expect({"storage/a.h": "", "storage/a.cpp": ""},
                    'storage/a.cpp:1: error: its own header does not come first, use #include "storage/a.h"')

    def test_a_file_that_nobody_builds(self):
        with tempfile.TemporaryDirectory() as folder:
            room = pathlib.Path(folder) / "storage"
            room.mkdir()
            (room / "CMakeLists.txt").write_text(SCRIPT_LICENCE + "edgeseal_library(storage FILES a.h)  # not b.h\n")
            (room / "more.cmake").write_text(SCRIPT_LICENCE + "target_sources(x PRIVATE ${CMAKE_CURRENT_LIST_DIR}/c.h)\n")
            for name in "abc":
                (room / f"{name}.h").write_text(LICENCE)
            self.assertEqual(tidy.problems(folder), ["storage/b.h:1: error: no CMakeLists.txt names this file, "
                                                     "use FILES of the room beside it, or remove it"])

    def test_a_programs_header_that_is_included_is_not_dead(self):
        with tempfile.TemporaryDirectory() as folder:
            room = pathlib.Path(folder) / "agent/cli"
            room.mkdir(parents=True)
            (room / "CMakeLists.txt").write_text(SCRIPT_LICENCE + "add_executable(edgeseal edgeseal.cpp)\n")
            (room / "edgeseal.cpp").write_text(LICENCE + '#include "agent/cli/commands.h"\n')
            (room / "commands.h").write_text(LICENCE)
            self.assertEqual(tidy.problems(folder), [])
            (room / "edgeseal.cpp").write_text(LICENCE)
            self.assertEqual(len(tidy.problems(folder)), 1)

    def test_a_missing_licence(self):
        self.expect({"tests/a.py": "print()\n", "tests/run": "#!/bin/sh\necho\n", "tests/CMakeLists.txt": "\n",
                     "notes.txt": "none needed\n"},
                    f"tests/CMakeLists.txt:1: error: no licence line, use {tidy.SPDX}",
                    f"tests/a.py:1: error: no licence line, use {tidy.SPDX}",
                    f"tests/run:2: error: no licence line, use {tidy.SPDX}")

    def test_reveal_in_a_new_place(self):
        self.expect({"agent/core/a.cpp": "\nuse(secret.reveal());\n"},
                    "agent/core/a.cpp:3: error: reveal() in a new place, "
                    "use a narrower way, or add the file and its reason to house.py")
        self.expect({"crypto/primitives/hkdf.cpp": "use(secret.reveal());\n", "tests/a.cpp": "secret.reveal();\n"})

    def test_the_list_of_those_who_reveal_stays_short(self):
        self.expect({"crypto/primitives/hkdf.cpp": ""},
                    "crypto/primitives/hkdf.cpp:1: error: reveals nothing any more, use house.py without it")

    def test_banned_texts(self):
        for text in ("/work/main", "https://registry.npmjs.org/x", "// TODO later", "FIXME"):
            found = self.problems({"docs/a.md": f"fine\n{text}\n"})
            self.assertEqual(len(found), 1, text)
            self.assertTrue(found[0].startswith("docs/a.md:2: error: "), found[0])
        self.expect({"docs/a.md": "methods, network/framework\n"})

    def test_what_is_no_text_is_passed_over(self):
        with tempfile.TemporaryDirectory() as folder:
            (pathlib.Path(folder) / "vector.bin").write_bytes(b"\xff\0/work/")
            self.assertEqual(tidy.problems(folder), [])


if __name__ == "__main__":
    unittest.main()
