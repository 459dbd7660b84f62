#include "api/worklist.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

#include "base/numbers.h"

namespace clairscore::api {

namespace {

constexpr std::array<std::pair<std::string_view, Worklist::Advice>, 3> kAdvice = {
    {{"favourable", Worklist::Advice::kFavourable},
     {"unfavourable", Worklist::Advice::kUnfavourable},
     {"review", Worklist::Advice::kReview}}};
constexpr std::array<std::pair<std::string_view, Worklist::Order>, 4> kOrders = {
    {{"file", Worklist::Order::kFile},
     {"borderline", Worklist::Order::kBorderline},
     {"lowest", Worklist::Order::kLowest},
     {"highest", Worklist::Order::kHighest}}};
constexpr std::string_view kRange = "..";

class Reader {
 public:
  Reader(const http::Request& request, const Assets& assets) : request_(request), assets_(assets) {}

  std::variant<Worklist, std::vector<Invalid>> read() {
    if (const std::string* prefix = request_.query_value("prefix")) list_.prefix = *prefix;
    choose("advice", kAdvice, list_.advice);
    choose("order", kOrders, list_.order);
    list_.min_points = number("min_points");
    list_.max_points = number("max_points");
    list_.max_distance = number("max_distance");
    for (const auto& [name, value] : request_.query) {
      if (name == "filter") read_filter(value);
    }
    if (!invalid_.empty()) return std::move(invalid_);
    return std::move(list_);
  }

 private:
  void refuse(std::string type, std::string name, std::string message, const std::string& value) {
    invalid_.push_back({std::move(type), "query", std::move(name), std::move(message), value, {}});
  }

  template <typename Enum, std::size_t kCount>
  void choose(const char* name, const std::array<std::pair<std::string_view, Enum>, kCount>& known,
              Enum& chosen) {
    const std::string* value = request_.query_value(name);
    if (value == nullptr) return;
    std::string accepted;
    for (const auto& [text, meant] : known) {
      if (*value == text) {
        chosen = meant;
        return;
      }
      accepted += fmt::format("{}'{}'", accepted.empty() ? "" : ", ", text);
    }
    refuse("literal_error", name, "Input should be one of " + accepted, *value);
  }

  std::optional<double> number(const char* name) {
    const std::string* value = request_.query_value(name);
    if (value == nullptr) return {};
    const auto parsed = parse_double(*value);
    if (!parsed || !std::isfinite(*parsed)) {
      refuse("float_parsing", name, "Input should be a valid number", *value);
      return {};
    }
    return parsed;
  }

  void read_filter(const std::string& text) {
    const std::size_t colon = text.find(':');
    const std::string name = text.substr(0, colon);
    const std::vector<Column>& columns = assets_.data().inputs().columns();
    const auto column = std::ranges::find(columns, name, &Column::name);
    if (colon == std::string::npos || column == columns.end()) {
      refuse("filter", "filter", "Input should be INPUT:VALUE with an input of the model", text);
      return;
    }
    Worklist::Filter filter;
    filter.input = static_cast<std::size_t>(column - columns.begin());
    const std::string value = text.substr(colon + 1);
    filter.missing = value.empty();
    if (!filter.missing && column->type() == ColumnType::kText) {
      const auto& texts = column->dictionary();
      const auto found = std::ranges::find(texts, value);
      if (found != texts.end()) {
        filter.code = static_cast<std::uint32_t>(found - texts.begin());
      }
    } else if (!filter.missing && !read_range(value, filter)) {
      refuse("filter", "filter", "Input should be INPUT:LOW..HIGH, where either may be left out",
             text);
      return;
    }
    list_.filters.push_back(filter);
  }

  static bool read_range(const std::string& value, Worklist::Filter& filter) {
    const std::size_t dots = value.find(kRange);
    if (dots == std::string::npos) return false;
    const auto side = [](const std::string& text, double open) -> std::optional<double> {
      return text.empty() ? open : parse_double(text);
    };
    const auto low = side(value.substr(0, dots), -std::numeric_limits<double>::infinity());
    const auto high =
        side(value.substr(dots + kRange.size()), std::numeric_limits<double>::infinity());
    if (!low || !high || std::isnan(*low) || std::isnan(*high)) return false;
    filter.low = *low;
    filter.high = *high;
    return true;
  }

  const http::Request& request_;
  const Assets& assets_;
  Worklist list_;
  std::vector<Invalid> invalid_;
};

bool begins_with(const Column& identifiers, std::size_t row, const std::string& prefix) {
  if (identifiers.type() == ColumnType::kText) return identifiers.text(row).starts_with(prefix);
  std::array<char, 24> text{};
  const auto end =
      std::to_chars(text.data(), text.data() + text.size(), identifiers.integers()[row]).ptr;
  return std::string_view(text.data(), static_cast<std::size_t>(end - text.data()))
      .starts_with(prefix);
}

bool passes(const Worklist::Filter& filter, const Column& column, std::size_t row) {
  if (filter.missing) return column.is_missing(row);
  if (column.is_missing(row)) return false;
  if (column.type() == ColumnType::kText) return filter.code == column.codes()[row];
  const double value = column.number(row);
  return value >= filter.low && value <= filter.high;
}

bool has_advice(Worklist::Advice wanted, const PointScale& points, const Score& score) {
  switch (wanted) {
    case Worklist::Advice::kAny:
      return true;
    case Worklist::Advice::kFavourable:
      return !score.refused;
    case Worklist::Advice::kUnfavourable:
      return score.refused;
    case Worklist::Advice::kReview:
      return points.in_review_zone(score);
  }
  return true;
}

}  // namespace

std::variant<Worklist, std::vector<Invalid>> read_worklist(const http::Request& request,
                                                           const Assets& assets) {
  return Reader(request, assets).read();
}

std::vector<std::uint32_t> rows_of(const Worklist& list, const Assets& assets) {
  const PointScale points = assets.points();
  const std::span<const Score> scores = assets.scores();
  const Column& identifiers = assets.data().identifiers();
  const std::vector<Column>& columns = assets.data().inputs().columns();
  std::vector<std::uint32_t> rows;
  for (std::size_t row = 0; row < scores.size(); ++row) {
    // What is shown decides, so that nobody wonders why a file with the points asked for is left
    // out.
    const int shown = points.displayed(scores[row]);
    if (list.min_points && shown < *list.min_points) continue;
    if (list.max_points && shown > *list.max_points) continue;
    if (list.max_distance && points.distance(scores[row]) > *list.max_distance) continue;
    if (!has_advice(list.advice, points, scores[row])) continue;
    const bool all = std::ranges::all_of(list.filters, [&](const Worklist::Filter& filter) {
      return passes(filter, columns[filter.input], row);
    });
    if (!all) continue;
    if (!list.prefix.empty() && !begins_with(identifiers, row, list.prefix)) continue;
    rows.push_back(static_cast<std::uint32_t>(row));
  }
  if (list.order == Worklist::Order::kFile) return rows;
  const double threshold = points.rule().at_threshold;
  std::ranges::stable_sort(rows, {}, [&](std::uint32_t row) {
    const double at = points.at(scores[row]);
    if (list.order == Worklist::Order::kBorderline) return std::abs(at - threshold);
    return list.order == Worklist::Order::kLowest ? at : -at;
  });
  return rows;
}

std::vector<Parameter> worklist_parameters() {
  const auto optional = [](const char* name, const char* description, const char* schema,
                           const char* example) {
    return Parameter{Parameter::In::kQuery, name, description, schema, example, false};
  };
  return {
      optional("prefix", "How the identifier begins", R"({"type":"string"})", R"("100")"),
      optional("advice", "What the model advises; review: near the threshold, either way",
               R"({"type":"string","enum":["favourable","unfavourable","review"]})", R"("review")"),
      optional("min_points", "The least score in points", R"({"type":"number"})", "480"),
      optional("max_points", "The greatest score in points", R"({"type":"number"})", "520"),
      optional("max_distance", "The greatest distance to the threshold in points, either way",
               R"({"type":"number"})", "10"),
      optional("filter",
               "A condition on an input, INPUT:TEXT or INPUT:LOW..HIGH (either may be left out; "
               "nothing after the colon: missing). May be given several times; all must hold",
               R"({"type":"array","items":{"type":"string"}})", R"(["EXT_SOURCE_3:0.2..0.6"])"),
      optional("order", "borderline: the nearest to the threshold first",
               R"({"type":"string","enum":["file","borderline","lowest","highest"]})",
               R"("borderline")"),
  };
}

}  // namespace clairscore::api
