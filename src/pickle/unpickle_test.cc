#include "pickle/unpickle.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>

namespace clairscore::pickle {
namespace {

using namespace std::string_literals;

using GraphPtr = std::shared_ptr<const Graph>;

/// The graph of a pickle assembled by hand; the graph keeps the bytes.
Result<GraphPtr> parse(std::string pickle, const Limits& limits = {}) {
  auto bytes = std::make_shared<const std::string>(std::move(pickle));
  return unpickle(as_bytes(*bytes), bytes, "test.pkl", limits);
}

GraphPtr parsed(std::string pickle) {
  auto graph = parse(std::move(pickle));
  EXPECT_TRUE(graph) << to_string(graph.error());
  return graph.value();
}

TEST(Unpickle, ReadsADictOfProtocol4) {
  const auto graph = parsed(
      "\x80\x04\x95\x15\0\0\0\0\0\0\0}\x94(\x8c\x01"
      "a\x94K\x01\x8c\x01"
      "b\x94]\x94(K\x02Neu."s);
  const Value dict = root(*graph);
  ASSERT_EQ(dict.kind(), Kind::kDict);
  ASSERT_EQ(dict.entry_count(), 2U);
  EXPECT_EQ(dict.get("a")->integer(), 1);
  const Value list = dict.get("b").value();
  ASSERT_EQ(list.size(), 2U);
  EXPECT_EQ(list.at(0).integer(), 2);
  EXPECT_TRUE(list.at(1).is_none());
  EXPECT_FALSE(dict.get("c"));
}

TEST(Unpickle, ACallIsOnlyWrittenDown) {
  const auto graph = parsed("cos\nsystem\n(S'true'\ntR.");
  const Value call = root(*graph);
  EXPECT_EQ(call.kind(), Kind::kObject);
  EXPECT_EQ(call.qualified_name(), "os.system");
  EXPECT_EQ(call.arguments().at(0).string(), "true");
  EXPECT_FALSE(call.state());
}

}  // namespace
}  // namespace clairscore::pickle
