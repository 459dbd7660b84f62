#pragma once

// For the tests of pickle/ only: graphs of pickles assembled by hand, and values as text.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "base/numbers.h"
#include "pickle/unpickle.h"

namespace clairscore::pickle {

using GraphPtr = std::shared_ptr<const Graph>;

/// The graph keeps the bytes.
inline Result<GraphPtr> parse(std::string pickle, const Limits& limits = {}) {
  auto bytes = std::make_shared<const std::string>(std::move(pickle));
  return unpickle(as_bytes(*bytes), bytes, "test.pkl", limits);
}

/// A pickle that must be readable.
inline GraphPtr parsed(std::string pickle) {
  auto graph = parse(std::move(pickle));
  EXPECT_TRUE(graph) << to_string(graph.error());
  return graph.value();
}

/// Like Python's repr, with objects as module.name(arguments; state)[items]{entries}. Only for
/// values without cycles.
inline std::string repr(const Value& value) {
  const auto items = [&](const Value& container) {
    std::string text;
    for (std::size_t i = 0; i < container.size(); ++i) {
      if (i != 0) text += ", ";
      text += repr(container.at(i));
    }
    return text;
  };
  const auto entries = [&](const Value& container) {
    std::string text;
    for (std::size_t i = 0; i < container.entry_count(); ++i) {
      const auto [key, content] = container.entry(i);
      if (i != 0) text += ", ";
      text += repr(key) + ": " + repr(content);
    }
    return text;
  };
  switch (value.kind()) {
    case Kind::kNone:
      return "None";
    case Kind::kBool:
      return *value.boolean() ? "True" : "False";
    case Kind::kInteger:
      return std::to_string(*value.integer());
    case Kind::kBigInteger:
      return fmt::format("integer of {} bytes", value.bytes()->size());
    case Kind::kFloat:
      return double_to_text(*value.number());
    case Kind::kBytes:
      return fmt::format("b'{}'", as_text(*value.bytes()));
    case Kind::kString:
      return fmt::format("'{}'", *value.string());
    case Kind::kTuple:
      return fmt::format("({})", items(value));
    case Kind::kList:
      return fmt::format("[{}]", items(value));
    case Kind::kDict:
      return fmt::format("{{{}}}", entries(value));
    case Kind::kSet:
      return fmt::format("set({})", items(value));
    case Kind::kGlobal:
      return value.qualified_name();
    case Kind::kRawArray:
      return "array";
    case Kind::kObject: {
      const Value called = value.callable();
      std::string text = called.kind() == Kind::kGlobal ? called.qualified_name()
                                                        : fmt::format("<{}>", repr(called));
      text += fmt::format("({}", items(value.arguments()));
      if (const auto keywords = value.keywords()) text += fmt::format("; **{}", repr(*keywords));
      text += ')';
      if (const auto state = value.state()) text += fmt::format("; {}", repr(*state));
      if (value.size() != 0) text += fmt::format("[{}]", items(value));
      if (value.entry_count() != 0) text += fmt::format("{{{}}}", entries(value));
      return text;
    }
  }
  return "?";
}

/// The repr of the root, or the error on one line.
inline std::string read(std::string pickle, const Limits& limits = {}) {
  const auto graph = parse(std::move(pickle), limits);
  return graph ? repr(root(**graph)) : to_string(graph.error());
}

}  // namespace clairscore::pickle
