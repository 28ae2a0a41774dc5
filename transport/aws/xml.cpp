// SPDX-License-Identifier: GPL-3.0-or-later
#include "transport/aws/xml.h"

#include <limits>
#include <memory>
#include <new>

#include <expat.h>

namespace edgeseal::transport {
namespace {

constexpr std::size_t kDepthMax = 16;
constexpr std::size_t kNameBytesMax = 256;

struct Reader {
  XML_Parser parser;
  const OnXmlLeaf& on_leaf;
  std::string root{};
  std::string path{};
  std::string text{};
  std::size_t depth = 0;
  bool leaf = false;  ///< the element that was opened last has not been closed yet
  std::string refused{};

  void refuse(const char* why) {
    refused = why;
    XML_StopParser(parser, XML_FALSE);
  }
};

void on_start(void* user, const XML_Char* name, const XML_Char**) {
  auto& reader = *static_cast<Reader*>(user);
  const std::string_view added = name;
  if (added.size() > kNameBytesMax) return reader.refuse("has a name of more than 256 bytes");
  if (++reader.depth > kDepthMax) return reader.refuse("nested too deeply");
  if (reader.path.empty()) {
    reader.root = added;
  } else {
    reader.path += '/';
  }
  reader.path += added;
  reader.text.clear();
  reader.leaf = true;
}

void on_end(void* user, const XML_Char*) {
  auto& reader = *static_cast<Reader*>(user);
  if (reader.leaf) reader.on_leaf(reader.path, reader.text);
  reader.leaf = false;
  --reader.depth;
  const std::size_t slash = reader.path.rfind('/');
  reader.path.resize(slash == std::string::npos ? 0 : slash);
}

void on_text(void* user, const XML_Char* text, int size) {
  auto& reader = *static_cast<Reader*>(user);
  if (reader.leaf) reader.text.append(text, static_cast<std::size_t>(size));
}

void on_doctype(void* user, const XML_Char*, const XML_Char*, const XML_Char*, int) {
  static_cast<Reader*>(user)->refuse("has a document type");
}

}  // namespace

Result<std::string> read_xml(ByteView document, const OnXmlLeaf& on_leaf) {
  if (document.size() > std::size_t{std::numeric_limits<int>::max()}) {
    return fail(Kind::transient, "XML answer: longer than 2 GiB");
  }
  const std::unique_ptr<XML_ParserStruct, decltype(&XML_ParserFree)> parser(XML_ParserCreate(nullptr), XML_ParserFree);
  if (!parser) throw std::bad_alloc();
  Reader reader{.parser = parser.get(), .on_leaf = on_leaf};
  XML_SetUserData(parser.get(), &reader);
  XML_SetElementHandler(parser.get(), on_start, on_end);
  XML_SetCharacterDataHandler(parser.get(), on_text);
  XML_SetStartDoctypeDeclHandler(parser.get(), on_doctype);
  const std::string_view text = as_text(document);
  if (XML_Parse(parser.get(), text.data(), static_cast<int>(text.size()), XML_TRUE) != XML_STATUS_OK) {
    const std::string why = reader.refused.empty() ? XML_ErrorString(XML_GetErrorCode(parser.get())) : reader.refused;
    return fail(Kind::transient, "XML answer: " + why);
  }
  return std::move(reader.root);
}

}  // namespace edgeseal::transport
