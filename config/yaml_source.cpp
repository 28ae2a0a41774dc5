// SPDX-License-Identifier: GPL-3.0-or-later
#include "config/yaml_source.h"

#include <algorithm>
#include <exception>
#include <istream>
#include <map>
#include <sstream>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include "config/characters.h"
#include "crypto/base/utf8.h"

namespace edgeseal::config {
namespace {

/// Ends parsing from inside a callback of yaml-cpp; never leaves this file.
struct Refusal {
  Origin origin;
  std::string what;
  std::string fix;
};

/// Builds the tree from yaml-cpp's events, which unlike its nodes still hold keys given twice, and which come one by
/// one, so that bounds are checked before memory is spent.
class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(std::uint32_t source, Report& report) : source_(source), report_(report) {}

  [[nodiscard]] Node root() && { return std::move(root_); }
  [[nodiscard]] Origin last_scalar() const { return last_scalar_; }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ > 1)
      throw Refusal{at(mark), "expected one YAML document in a file, found a second",
                    "remove `---`, or indent this like what it belongs to"};
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    Node node;
    node.origin = at(mark);
    add(std::move(node), anchor);
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    refuse_tag(tag, mark);
    last_scalar_ = at(mark);
    add(scalar(value, at(mark)), anchor);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto known = anchors_.find(anchor);
    if (known == anchors_.end()) throw Refusal{at(mark), "an alias stands inside what it is an alias of", {}};
    spend(known->second, at(mark));  // before it is copied
    add_spent(known->second, 0);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    refuse_tag(tag, mark);
    open(Node::Kind::list, mark, anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    refuse_tag(tag, mark);
    open(Node::Kind::map, mark, anchor);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Frame {
    Node node;
    YAML::anchor_t anchor = 0;
    std::optional<Node> key{};                            ///< map: read, its value to come
    std::unordered_map<std::string, Origin> keys_seen{};  ///< map: where each key stood first
  };

  [[nodiscard]] Origin at(const YAML::Mark& mark) const {
    if (mark.is_null()) return {source_, 0, 0};
    return {source_, static_cast<std::uint32_t>(mark.line) + 1, static_cast<std::uint32_t>(mark.column) + 1};
  }

  /// yaml-cpp gives "?" to what has no tag and "!" to what is quoted. Tags of one's own would be silently without
  /// effect.
  void refuse_tag(const std::string& tag, const YAML::Mark& mark) const {
    if (tag.empty() || tag == "?" || tag == "!" || tag.starts_with("tag:yaml.org,2002:")) return;
    throw Refusal{at(mark), "expected a value without a tag, found " + in_quotes(tag), "remove the tag"};
  }

  void spend(const Node& node, const Origin& origin) {
    ++values_;
    text_bytes_ += node.text.size();
    if (values_ > kYamlValuesMax || text_bytes_ > kYamlTextBytesMax) {
      throw Refusal{origin, "expected at most 200,000 values in a file, aliases expanded, found more", {}};
    }
    for (const Node& child : node.children) spend(child, origin);
  }

  void open(Node::Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (frames_.size() >= kYamlDepthMax) {
      throw Refusal{at(mark), "expected at most 24 maps and lists within each other, found more", {}};
    }
    Frame frame;
    frame.node.kind = kind;
    frame.node.origin = at(mark);
    frame.anchor = anchor;
    frames_.push_back(std::move(frame));
  }

  void close() {
    Frame frame = std::move(frames_.back());
    frames_.pop_back();
    add(std::move(frame.node), frame.anchor);
  }

  void add(Node node, YAML::anchor_t anchor) {
    if (node.children.empty()) spend(node, node.origin);
    add_spent(std::move(node), anchor);
  }

  void add_spent(Node node, YAML::anchor_t anchor) {
    if (anchor != 0) {
      spend(node, node.origin);
      anchors_[anchor] = node;
    }
    if (frames_.empty()) {
      root_ = std::move(node);
      return;
    }
    Frame& frame = frames_.back();
    if (frame.node.is(Node::Kind::list)) {
      frame.node.children.push_back(std::move(node));
    } else if (!frame.key) {
      if (!node.is(Node::Kind::scalar)) {
        throw Refusal{node.origin, "expected a name as key, found " + describe(node),
                      "quote it if it is meant as text"};
      }
      if (node.text.size() > kYamlKeyBytesMax) {
        throw Refusal{node.origin, "expected a name of at most 256 bytes as key, found more", {}};
      }
      frame.key = std::move(node);
    } else {
      add_entry(frame, std::move(node));
    }
  }

  void add_entry(Frame& frame, Node value) {
    const Node key = std::move(*frame.key);
    frame.key.reset();
    const auto [seen, first] = frame.keys_seen.emplace(key.text, key.origin);
    if (!first) {
      report_.error(key.origin, path_of(key.text),
                    "expected each key once, found it again (first in line " + std::to_string(seen->second.line) + ")",
                    "keep one of them", Report::Excerpt::hidden);
      return;
    }
    value.key = key.text;
    value.key_origin = key.origin;
    if (value.is(Node::Kind::null)) value.origin = key.origin;
    frame.node.children.push_back(std::move(value));
  }

  [[nodiscard]] std::string path_of(const std::string& key) const {
    std::string path;
    for (const Frame& frame : frames_) {
      if (frame.node.is(Node::Kind::list)) path += "[" + std::to_string(frame.node.children.size()) + "]";
      if (frame.key) path += (path.empty() ? "" : ".") + frame.key->text;
    }
    return path.empty() ? key : path + "." + key;
  }

  const std::uint32_t source_;
  Report& report_;
  Node root_;
  Origin last_scalar_;
  std::vector<Frame> frames_;
  std::map<YAML::anchor_t, Node> anchors_;
  std::size_t documents_ = 0;
  std::size_t values_ = 0;
  std::size_t text_bytes_ = 0;
};

Origin origin_at(std::string_view text, std::uint32_t source, std::size_t place) {
  const std::string_view before = text.substr(0, place);
  const auto line = static_cast<std::uint32_t>(std::ranges::count(before, '\n')) + 1;
  const std::size_t last = before.rfind('\n');
  return {source, line, static_cast<std::uint32_t>(last == std::string_view::npos ? place : place - last - 1) + 1};
}

/// A tab before the first other character of a line near `line`, where the parser gave up.
std::optional<Origin> tab_as_indent(std::string_view text, std::uint32_t source, std::uint32_t line) {
  std::size_t begin = 0;
  for (std::uint32_t number = 1; number <= line + 1 && begin < text.size(); ++number) {
    const std::size_t other = text.find_first_not_of(' ', begin);
    const bool tab = number + 1 >= line && other != std::string_view::npos && text[other] == '\t';
    if (tab) return origin_at(text, source, other);
    const std::size_t end = text.find('\n', begin);
    if (end == std::string_view::npos) break;
    begin = end + 1;
  }
  return std::nullopt;
}

/// YAML 1.2.2 section 5.1: of the control characters, texts have tabs and line breaks only.
bool may_not_stand_in_yaml(char c) { return is_control(c) && c != '\t' && c != '\n' && c != '\r'; }

/// The line that holds the first bytes that are no UTF-8.
std::uint32_t line_without_utf8(const std::string& text) {
  std::istringstream lines(text);
  std::string line;
  std::uint32_t number = 1;
  while (std::getline(lines, line) && is_utf8(line)) ++number;
  return number;
}

bool check_text(const std::string& text, std::uint32_t source, Report& report) {
  if (text.size() > kYamlBytesMax) {
    report.error({source, 0, 0}, {}, "expected at most 1 MiB of YAML, found more", "split it: -c may be given again");
    return false;
  }
  if (!is_utf8(text)) {
    report.error({source, line_without_utf8(text), 1}, {}, "expected UTF-8, found other bytes",
                 "save the file as UTF-8", Report::Excerpt::hidden);
    return false;
  }
  if (const auto control = std::ranges::find_if(text, may_not_stand_in_yaml); control != text.end()) {
    report.error(origin_at(text, source, static_cast<std::size_t>(control - text.begin())), {},
                 "expected text, found a control character", "remove it, or write it as an escape in double quotes");
    return false;
  }
  return true;
}

/// yaml-cpp 0.7 takes a quoted text that the file's last line break cuts off. It can only be the last scalar.
bool quote_is_open(std::string_view text, const Origin& last_scalar) {
  if (last_scalar.line == 0) return false;
  for (std::uint32_t line = 1; line < last_scalar.line; ++line) text.remove_prefix(text.find('\n') + 1);
  text.remove_prefix(std::min<std::size_t>(text.size(), last_scalar.column - 1));
  while (text.starts_with('&') || text.starts_with('!')) {  // an anchor or a tag stands before it
    text.remove_prefix(std::min(text.size(), text.find_first_of(" \t\r\n")));
    text.remove_prefix(std::min(text.size(), text.find_first_not_of(" \t\r\n")));
  }
  if (text.empty() || (text[0] != '"' && text[0] != '\'')) return false;
  const char quote = text[0];
  for (std::size_t i = 1; i < text.size(); ++i) {
    const bool escape = quote == '"' ? text[i] == '\\' : text.substr(i).starts_with("''");
    if (escape) {
      ++i;
    } else if (text[i] == quote) {
      return false;
    }
  }
  return true;
}

}  // namespace

std::optional<Node> parse_yaml(const Sources& sources, std::uint32_t source, Report& report) {
  const SourceText& text = *sources[source];
  if (!check_text(text.text, source, report)) return std::nullopt;
  try {
    std::istringstream in(text.text);
    YAML::Parser parser(in);
    TreeBuilder builder(source, report);
    while (parser.HandleNextDocument(builder)) {
    }
    if (quote_is_open(text.text, builder.last_scalar())) {
      throw Refusal{builder.last_scalar(), "expected a closing quote, found the end of the file", {}};
    }
    return std::move(builder).root();
  } catch (const Refusal& refusal) {
    report.error(refusal.origin, {}, refusal.what, refusal.fix, Report::Excerpt::hidden);
  } catch (const YAML::Exception& e) {
    Origin origin{source, 0, 0};
    if (!e.mark.is_null()) {
      origin.line = static_cast<std::uint32_t>(e.mark.line) + 1;
      origin.column = static_cast<std::uint32_t>(e.mark.column) + 1;
    }
    if (const auto tab = tab_as_indent(text.text, source, origin.line)) {
      report.error(*tab, {}, "expected spaces as indent, found a tab", "YAML does not take tabs there",
                   Report::Excerpt::hidden);
      return std::nullopt;
    }
    report.error(origin, {}, "expected YAML, found: " + e.msg,
                 "a value with any of { } [ ] , & * # | > @ ` % or \": \" in it needs quotes",
                 Report::Excerpt::hidden  // in broken YAML anything may be a secret
    );
  } catch (const std::exception& e) {
    report.error({source, 0, 0}, {}, std::string("expected YAML, found: ") + e.what());
  }
  return std::nullopt;
}

}  // namespace edgeseal::config
