// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/cli/edgeseal_open_arguments.h"

#include <map>

#include <CLI/CLI.hpp>

#include "agent/batch/compression.h"
#include "crypto/primitives/wolfcrypt_version.h"

namespace edgeseal::agent {
namespace {

const std::map<std::string, Format> kFormats{{"ndjson", Format::ndjson},
                                             {"cbor", Format::cbor},
                                             {"raw", Format::raw},
                                             {"payload", Format::payload},
                                             {"message", Format::message}};

/// A folder that is there, or one that is meant by the slash after it.
bool names_folder(const std::string& path) { return path.ends_with('/') || std::filesystem::is_directory(path); }

/// Whether several objects in one file are still of use.
bool joins(Format format) { return format == Format::ndjson || format == Format::payload; }

}  // namespace

void add_open_arguments(CLI::App& app, OpenArguments& arguments) {
  app.add_option("--private-key", arguments.private_keys, "RSA private key, PEM or DER; may be repeated")
      ->type_name("PEM")
      ->allow_extra_args(false);
  app.add_flag("--kms", arguments.kms, "Ask AWS KMS for the data keys, under the keys that the messages name");
  app.add_option("--kms-key", arguments.kms_key, "Only under this KMS key, and for raw-rsa messages too; implies --kms")
      ->type_name("ARN");
  app.add_option("--region", arguments.region,
                 "AWS region of buckets, and of KMS instead of the one in the key's ARN; default: AWS_REGION")
      ->type_name("REGION");
  app.add_option("--endpoint", arguments.endpoint, "Address of KMS, instead of AWS's own")->type_name("URL");
  app.add_option("--s3-endpoint", arguments.s3_endpoint, "Address of S3, instead of AWS's own; buckets are in the path")
      ->type_name("URL");
  app.add_option("--profile", arguments.profile,
                 "Section of ~/.aws/credentials; default: the environment's AWS_ACCESS_KEY_ID, else AWS_PROFILE")
      ->type_name("NAME");
  app.add_option("--ca-file", arguments.ca_file, "PEM file of authorities for https, instead of the system's")
      ->type_name("FILE");
  app.add_option("--format", arguments.format,
                 "ndjson: a line a record. cbor: the batch's content. raw: the content as it was sealed.\n"
                 "payload: the payloads alone. message: what any AWS Encryption SDK message holds")
      ->check(CLI::IsMember({"ndjson", "cbor", "raw", "payload", "message"}))
      ->capture_default_str();
  app.add_option("-o,--output", arguments.output,
                 "File for everything; or folder (one that exists, or a name with / at its end) for a file an input;\n"
                 "or - for standard output, the default")
      ->type_name("FILE|DIR");
  app.add_option("--jobs", arguments.jobs, "Inputs opened at once, with -o DIR or --verify")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  app.add_option(
         "--max-bytes", arguments.max_bytes,
         "What one object may expand to, such as 1GiB (default: 64MiB, and beyond its first MiB 200 times its size)")
      ->type_name("SIZE")
      ->transform(CLI::AsSizeValue(true));
  app.add_flag("--verify", arguments.verify, "Open, write nothing, print a line for each input");
  app.add_flag("--keep-going", arguments.keep_going, "Go on after an input that is refused; still exits with 2");
  app.add_option("INPUT", arguments.inputs,
                 "Files, folders (their *.esdk and *.esdks), s3://bucket/prefix, or - for standard input");
}

void add_split_arguments(CLI::App& command, SplitArguments& arguments) {
  command.add_option("-o,--output", arguments.output, "Folder for the messages")->type_name("DIR")->required();
  command.add_flag("--keep-going", arguments.keep_going, "Go on after an input that is refused; still exits with 2");
  command.add_option("INPUT", arguments.inputs, "Files, folders, or - for standard input")->required();
}

Result<OpenOptions> open_options(const OpenArguments& arguments, std::size_t input_count) {
  OpenOptions options;
  options.format = kFormats.at(arguments.format);
  options.read_as = options.format == Format::message ? ReadAs::message : ReadAs::batch;
  options.bytes_max = arguments.max_bytes;
  options.jobs = arguments.jobs;
  options.keep_going = arguments.keep_going;
  options.path = arguments.output;
  if (arguments.verify) {
    if (!arguments.output.empty()) return fail(Kind::invalid, "--verify writes nothing: leave out -o");
    options.to = OpenOptions::To::nowhere;
  } else if (arguments.output.empty() || arguments.output == "-") {
    options.to = OpenOptions::To::standard_output;
  } else if (names_folder(arguments.output)) {
    options.to = OpenOptions::To::folder;
  } else if (std::filesystem::exists(arguments.output) && !std::filesystem::is_regular_file(arguments.output)) {
    options.to = OpenOptions::To::stream;
  } else {
    options.to = OpenOptions::To::file;
    if (input_count > 1 && !joins(options.format)) {
      return fail(Kind::invalid,
                  std::to_string(input_count) + " inputs in format " + arguments.format + " do not fit into one file",
                  {}, "name a folder: -o " + arguments.output + "/");
    }
  }
  return options;
}

std::string open_version_text() {
  return std::string("edgeseal-open ") + EDGESEAL_VERSION + " (" + EDGESEAL_COMMIT + ")\n" + "wolfCrypt  " +
         crypto::wolfcrypt_description() + "\n" + "zstd       " + zstd_version();
}

}  // namespace edgeseal::agent
