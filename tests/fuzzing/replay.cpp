// SPDX-License-Identifier: GPL-3.0-or-later
// Runs a target without libFuzzer, so that every compiler and CI can: over its seeds and over mutations of each.
//   fuzz/NAME 2000       its seeds, and 2,000 mutations of each, the same each time
//   fuzz/NAME FILE…      these inputs, such as one that libFuzzer or a run of the other kind has left
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/fuzzing/mutation.h"
#include "tests/fuzzing/target.h"

namespace edgeseal::fuzzing {
namespace {

/// Which input is under way, where the process that watches can see it.
struct Place {
  std::size_t seed = 0;
  std::size_t mutation = 0;  ///< 0: the seed itself
};

/// Of an empty seed nothing can be made worse: it stands for itself.
Bytes input_at(const std::vector<Bytes>& seeds, const Place& place) {
  const Bytes& seed = seeds[place.seed];
  if (place.mutation == 0 || seed.empty()) return seed;
  const Bytes& other = seeds[place.mutation % seeds.size()];
  return Mutation(place.seed << 32 | place.mutation).of(seed, other);
}

void run_all(const std::vector<Bytes>& seeds, std::size_t mutations, Place& place) {
  for (place.seed = 0; place.seed < seeds.size(); ++place.seed) {
    for (place.mutation = 0; place.mutation <= mutations; ++place.mutation) {
      const Bytes input = input_at(seeds, place);
      LLVMFuzzerTestOneInput(input.data(), input.size());
    }
  }
}

/// In a process of its own, so that the input of a crash can be kept.
int run_mutations(std::size_t mutations, const std::string& name) {
  void* const shared = mmap(nullptr, sizeof(Place), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  ENSURE(shared != MAP_FAILED);
  auto* const place = new (shared) Place;
  const std::vector<Bytes> all = seeds();
  const pid_t child = fork();
  ENSURE(child >= 0);
  if (child == 0) {
    run_all(all, mutations, *place);
    std::exit(0);  // not _exit: the leak checker looks now
  }
  int status = 0;
  ENSURE(waitpid(child, &status, 0) == child);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
    std::printf("%zu seeds, %zu mutations of each\n", all.size(), mutations);
    return 0;
  }
  if (place->seed == all.size()) return 1;  // something of the whole, such as a leak
  const std::string kept = "crash-" + name;
  const Bytes input = input_at(all, *place);
  std::ofstream(kept, std::ios::binary) << as_text(input);
  std::fprintf(stderr, "seed %zu, mutation %zu; the input is in %s\n", place->seed, place->mutation, kept.c_str());
  return 1;
}

int run_file(const char* path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    std::fprintf(stderr, "%s: cannot be read\n", path);
    return 2;
  }
  const Bytes input(std::istreambuf_iterator<char>(file), {});
  LLVMFuzzerTestOneInput(input.data(), input.size());
  return 0;
}

}  // namespace
}  // namespace edgeseal::fuzzing

int main(int count, char** words) {
  const std::string program = words[0];
  char* end = nullptr;
  const unsigned long mutations = count == 2 ? std::strtoul(words[1], &end, 10) : 0;
  if (count == 2 && *end == '\0') {
    return edgeseal::fuzzing::run_mutations(mutations, program.substr(program.rfind('/') + 1));
  }
  int worst = count < 2 ? 2 : 0;
  for (int i = 1; i < count; ++i) worst = std::max(worst, edgeseal::fuzzing::run_file(words[i]));
  return worst;
}
