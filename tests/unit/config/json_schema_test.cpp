// SPDX-License-Identifier: GPL-3.0-or-later
// What `edgeseal config schema` prints and what the reader does come from one table, and say the same: for each setting
// of the table, values of every kind are judged by both, the schema through a stock validator (stock_validator.py).
#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "config/schema.h"
#include "config/units.h"
#include "tests/support/places.h"
#include "tests/support/process.h"
#include "tests/unit/config/loading.h"

namespace edgeseal::config::test {
namespace {

using Json = nlohmann::json;

/// One configuration, with one value that is looked at.
struct Case {
  std::string path;  ///< of the setting, as in the table
  Json value;
  Json document;
};

/// Settings whose good values depend on others, so that the schema may take what the reader refuses.
const std::map<std::string, std::string> kAcrossKeys = {
    {"routes.*.source", "names a source that must be there"},
    {"routes.*.keys", "names keys that must be there"},
    {"routes.*.sinks", "names sinks that must be there"},
    {"spool.max_bytes", "is four times batch.max_bytes and max_packet"},
    {"source.url", "is mqtts:// where there is tls:"},
    {"sinks.*.type", "decides which settings there are"},
    {"sinks.*.bucket", "has the form of AWS's names where it is AWS's"},
    {"sinks.*.ca", "only with an https endpoint"},
    {"sinks.*.path_style", "decides which buckets and endpoints can be"},
};

constexpr const char* kMixed = "${V:-a}b";

const Json& complete() {
  static const Json document = Json::parse(R"({
    "version": 1,
    "gateway": "gw",
    "source": {"url": "mqtts://broker", "client_id": "me", "username": "user", "password": {"credential": "c"},
               "tls": {"ca": "ca.pem", "cert": "c.pem", "key": "k.pem", "server_name": "s"}},
    "keys": {"kms": {"file": "a.json"}, "raw": {"file": "b.pem", "wrap": "raw-rsa"}},
    "routes": {"r": {"topics": ["a"], "keys": ["kms", "raw"], "sinks": ["cloud", "disk"], "batch": {}}},
    "sinks": {"cloud": {"type": "s3", "bucket": "ore-data", "region": "eu-west-1", "credentials": {"file": "f"}},
              "disk": {"type": "directory", "path": "out"}},
    "spool": {}, "log": {}, "status": {}, "groups": [], "gateways": {}
  })");
  return document;
}

/// The place of the row in `document`, its entry one that has the row.
Json& place_of(const Key& key, Json& document) {
  const std::string block = key.path.substr(0, key.path.find('.'));
  const std::map<std::string, std::string> entries = {{"keys", key.variant.empty() ? "kms" : "raw"},
                                                      {"routes", "r"},
                                                      {"sinks", key.variant == "s3" ? "cloud" : "disk"}};
  Json* at = &document;
  std::istringstream parts(key.path);
  for (std::string part; std::getline(parts, part, '.');) {
    if (at->is_object() && part == "file" && at->contains("credential")) at->erase("credential");
    if (at->is_object() && (part == "env" || part == "credential")) *at = Json::object();  // of such, one is given
    at = &(*at)[part == "*" ? entries.at(block) : part];
  }
  return *at;
}

void add_scaled(std::vector<Json>& values, const Key& key, std::span<const Scale> scales) {
  for (const Scale& scale : scales) {
    for (const std::uint64_t edge : {key.range.min, key.range.max}) {
      const std::uint64_t count = edge / scale.factor;
      for (std::uint64_t near = count - std::min<std::uint64_t>(count, 2); near <= count + 2; ++near) {
        values.emplace_back(std::to_string(near) + scale.unit);
        values.emplace_back("00" + std::to_string(near) + scale.unit);
      }
    }
    for (const char* count : {"1500", "9999999999999999999", "99999999999999999999999", "1.5", "-1", "1 ", ""}) {
      values.emplace_back(count + scale.unit);
    }
  }
  values.insert(values.end(), {"60", 60, "1m30s", "1:30"});
}

void add_numbers(std::vector<Json>& values, const Key& key) {
  for (const std::uint64_t edge : {key.range.min, key.range.max}) {
    for (std::uint64_t number = edge - std::min<std::uint64_t>(edge, 1); number <= edge + 1; ++number) {
      values.insert(values.end(), {number, std::to_string(number), "0" + std::to_string(number)});
    }
  }
  values.insert(values.end(), {-1, 1.5, "-1", "+1", "1.5", "1e3", " 1", "0x1"});
}

/// A value that is right.
Json good_value(const Key& key) {
  if (key.type == Type::list) return Json::array({"a"});
  if (!key.choices.empty()) return key.choices.front();
  if (key.fallback) return *key.fallback;
  return key.sample.empty() ? "x" : key.sample;
}

std::vector<Json> values_for(const Key& key) {
  std::vector<Json> values{nullptr,
                           true,
                           false,
                           0,
                           5,
                           -1,
                           1.5,
                           "",
                           "x",
                           "\t",
                           "true",
                           "null",
                           Json::array(),
                           Json::object(),
                           Json::array({"a"}),
                           Json::array({"a", "a"}),
                           Json::array({""}),
                           Json::array({Json::object()}),
                           Json::array({nullptr}),
                           Json{{"gw", 1}},
                           "${V}",
                           "$${V}",
                           "${V",
                           "${1}",
                           "${V:-}",
                           kMixed,
                           "${V:-${V}}",
                           "$$${V}",
                           "$V",
                           "$",
                           "${V}${1}",
                           "${}"};
  values.push_back(good_value(key));
  for (const std::string& choice : key.choices) {
    values.insert(values.end(), {choice, choice + " "});
    if (choice.size() == 1) values.emplace_back(std::stoi(choice));
  }
  if (key.type == Type::duration) add_scaled(values, key, duration_scales());
  if (key.type == Type::size) add_scaled(values, key, size_scales());
  if (key.type == Type::integer) add_numbers(values, key);
  if (key.type == Type::list) {
    for (const std::uint64_t count : {key.range.max, key.range.max + 1}) {
      if (key.range.max > 1000) continue;
      Json items = Json::array();
      for (std::uint64_t i = 0; i < count; ++i) items.push_back("a" + std::to_string(i));
      values.push_back(std::move(items));
    }
  }
  return values;
}

/// Maps that are wrong, or right, as a whole.
std::vector<Case> whole_maps() {
  std::vector<Case> cases;
  const auto add = [&](const std::string& pointer, Json value) {
    Json document = complete();
    document[Json::json_pointer(pointer)] = value;
    cases.push_back({pointer, std::move(value), std::move(document)});
  };
  for (const char* password :
       {R"({})", R"({"credential": "a", "file": "b"})", R"({"credential": "a", "file": null})",
        R"({"file": "a", "env": "b", "credential": "c"})", R"({"env": "a", "credential": "c"})", R"({"vault": "a"})"}) {
    add("/source/password", Json::parse(password));
  }
  for (const char* credentials : {R"({})", R"({"credential": "a", "file": "b"})", R"({"file": "a", "profile": "p"})",
                                  R"({"credential": "a", "file": null})", R"("environment")", R"("guest")"}) {
    add("/sinks/cloud/credentials", Json::parse(credentials));
  }
  for (const char* name : {"a b", "-a", "", "a.b", "é", "a", "0"}) {
    for (const char* block : {"/keys", "/routes", "/sinks"}) {
      const Json& model = complete()[Json::json_pointer(block)].begin().value();
      add(std::string(block) + "/" + name, model);
    }
  }
  add("/sinks/disk/bucket", "b");
  add("/sinks/cloud/path", "p");
  add("/sinks/cloud/type", "directory");
  add("/keys/raw/wrap", "aws-kms-rsa");
  add("/keys/kms/wrap", "aws-kms-rsa");
  add("/keys/raw/namespace", "n");
  for (const char* set : {"{}", "null", "5", R"({"log": {"level": "debug"}})", R"({"log": {"level": "loud"}})",
                          R"({"version": 1})", R"({"gateway": "x"})", R"({"groups": []})", R"({"gateways": {}})"}) {
    add("/gateways/gw", Json::parse(set));
    add("/groups", Json::array({Json{{"match", "*"}, {"set", Json::parse(set)}}}));
  }
  for (const char* group : {R"({"match": "g*"})", R"({"match": 5, "set": {}})", R"({"match": "", "set": {}})",
                            R"({"match": [], "set": {}})", R"({"match": "a", "set": {}, "x": 1})", "5", "[]"}) {
    add("/groups", Json::array({Json::parse(group)}));
  }
  return cases;
}

std::vector<Case> all_cases() {
  std::vector<Case> cases = whole_maps();
  for (const Key& key : schema()) {
    for (const Json& value : values_for(key)) {
      Case next{key.path, value, complete()};
      place_of(key, next.document) = value;
      cases.push_back(std::move(next));
    }
  }
  return cases;
}

/// What the schema says of each.
std::vector<bool> judged_by_schema(const std::vector<Case>& cases) {
  std::string input = Json::parse(to_json_schema()).dump() + "\n";
  for (const Case& one : cases) input += one.document.dump() + "\n";
  const auto validated =
      edgeseal::test::run({"/usr/bin/python3", edgeseal::test::source_dir() + "/tests/unit/config/stock_validator.py"},
                          input, std::chrono::seconds(200));
  EXPECT_EQ(validated.status, 0) << validated.err;
  std::vector<bool> verdicts;
  for (const char c : validated.out) {
    if (c != '\n') verdicts.push_back(c == '1');
  }
  return verdicts;
}

/// Why the schema may take what the reader refuses; empty when it may not.
std::string excuse(const Case& one) {
  if (one.value.is_null()) return "null takes away what an earlier file says";
  if (one.value.is_object() && one.value.empty()) return "what is missing may stand in another file";
  if (one.value == kMixed) return "what a variable brings is not known, so neither is the whole";
  if (const auto across = kAcrossKeys.find(one.path); across != kAcrossKeys.end()) return across->second;
  for (const Key& key : schema()) {
    if (key.path != one.path || key.form == nullptr) continue;
    const std::string text = one.value.is_string() ? one.value.get<std::string>() : one.value.dump();
    if (one.value.is_array()) return "forms of texts belong to the parts that own them";
    if (key.form(text)) return "forms of texts belong to the parts that own them";
  }
  return {};
}

TEST(JsonSchema, JudgesEveryValueAsTheReaderDoes) {
  const std::vector<Case> cases = all_cases();
  const std::vector<bool> valid = judged_by_schema(cases);
  ASSERT_EQ(valid.size(), cases.size());
  std::size_t agreed = 0;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const Case& one = cases[i];
    World world(one.document.dump());
    for (const Key& key : schema()) {
      if (key.path == one.path && good_value(key).is_string()) world.variables["V"] = good_value(key);
    }
    const bool read = world.load().has_value();
    if (read == valid[i]) {
      ++agreed;
      continue;
    }
    EXPECT_FALSE(read) << "the schema refuses what is read: " << one.path << " = " << one.value;
    if (read) continue;
    EXPECT_NE(excuse(one), "") << one.path << " = " << one.value << "\n" << complaints(world);
  }
  RecordProperty("cases", static_cast<int>(cases.size()));
  EXPECT_GT(agreed, cases.size() * 9 / 10);
}

}  // namespace
}  // namespace edgeseal::config::test
