// SPDX-License-Identifier: GPL-3.0-or-later
// Puts a target's seeds into the first corpus folder that libFuzzer is given, and makes the folder: seeds are code, so
// that none has to be stored.
#include <filesystem>
#include <fstream>
#include <string>

#include "tests/fuzzing/target.h"

extern "C" int LLVMFuzzerInitialize(int* count, char*** words);

int LLVMFuzzerInitialize(int* count, char*** words) {
  for (int i = 1; i < *count; ++i) {
    const std::string word = (*words)[i];
    if (word.starts_with('-') || std::filesystem::is_regular_file(word)) continue;
    std::filesystem::create_directories(word);
    int number = 0;
    for (const edgeseal::Bytes& seed : edgeseal::fuzzing::seeds()) {
      const std::filesystem::path path = std::filesystem::path(word) / ("seed-" + std::to_string(number++));
      std::ofstream(path, std::ios::binary) << edgeseal::as_text(seed);
    }
    break;
  }
  return 0;
}
