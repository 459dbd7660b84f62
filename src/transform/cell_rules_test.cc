// The rules of transformers against what the transformers do.

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <bit>
#include <cmath>
#include <random>

#include "transform/chain.h"
#include "transform/column_transformer.h"
#include "transform/columnwise.h"
#include "transform/lookup_encoder.h"
#include "transform/number_check.h"
#include "transform/one_hot_encoder.h"
#include "transform/passthrough.h"

namespace clairscore {
namespace {

class Maker {
 public:
  explicit Maker(std::uint64_t seed) : random_(seed) {}
  std::size_t below(std::size_t n) { return static_cast<std::size_t>(random_() % n); }

  CategoryIndex categories() {
    std::vector<Category> list;
    if (below(3) > 0) {
      for (const char* text : {"a", "b", "c"}) {
        if (below(4) > 0) list.push_back(Category::of_text(text));
      }
    } else {
      for (const double number : {-1.0, 0.0, 2.5}) {
        if (below(4) > 0) list.push_back(Category::of_number(number));
      }
    }
    if (below(3) == 0) list.push_back(Category::nan());
    return CategoryIndex::build(list).value();
  }

  TransformerPtr one_hot(std::size_t columns) {
    std::vector<OneHotEncoder::InputColumn> inputs;
    for (std::size_t i = 0; i < columns; ++i) {
      OneHotEncoder::InputColumn column{categories(), {}, {}, {"p", "q"}};
      for (std::size_t c = 0; c < column.categories.size(); ++c) column.slots.push_back(slot());
      if (below(2) == 0) column.unknown_slot = slot();
      inputs.push_back(std::move(column));
    }
    return OneHotEncoder::build(std::move(inputs)).value();
  }

  TransformerPtr lookup(std::size_t columns) {
    std::vector<std::optional<LookupEncoder::InputColumn>> inputs;
    for (std::size_t i = 0; i < columns; ++i) {
      if (below(3) == 0) {
        inputs.emplace_back();
        continue;
      }
      LookupEncoder::InputColumn column{categories(), {""}, {}, {}};
      if (below(3) == 0) column.suffixes = {"_1", "_2"};
      for (std::size_t v = 0; v < column.categories.size() * column.suffixes.size(); ++v) {
        column.values.push_back(below(5) == 0 ? NAN : static_cast<double>(below(100)));
      }
      if (below(2) == 0) column.unknown.emplace(column.suffixes.size(), -3.0);
      inputs.emplace_back(std::move(column));
    }
    return LookupEncoder::build(std::move(inputs)).value();
  }

  NumberRule number_rule() { return {below(2) == 0, below(2) == 0, below(2) == 0}; }

  /// A step that takes numbers and puts as many out.
  TransformerPtr of_numbers(std::size_t columns) {
    if (below(2) == 0) return std::make_shared<const NumberCheck>(number_rule());
    const auto function = [](double x) { return std::isnan(x) ? 8 : 2 * x + 1; };
    if (below(2) == 0) return std::make_shared<const Columnwise>(function, number_rule());
    std::vector<Columnwise::Function> functions(columns);
    for (auto& own : functions) {
      if (below(2) == 0) own = function;
    }
    return std::make_shared<const Columnwise>(std::move(functions), number_rule());
  }

  TransformerPtr some(std::size_t columns) {
    if (below(3) == 0) return of_numbers(columns);
    if (below(3) == 0) return std::make_shared<const Passthrough>();
    return below(2) == 0 ? one_hot(columns) : lookup(columns);
  }

  TransformerPtr transformer(std::size_t columns) {
    switch (below(4)) {
      case 0:
        return some(columns);
      case 3: {
        // Steps of numbers after any other.
        auto first = some(columns);
        std::vector<std::string> names(columns, "x");
        const std::size_t made = first->outputs(names).value().size();
        return std::make_shared<const Chain>(std::vector<Chain::Step>{
            {"first", first}, {"second", of_numbers(made)}, {"third", of_numbers(made)}});
      }
      case 1: {
        auto passing = std::make_shared<const Passthrough>();
        auto first = below(2) == 0 ? passing : some(columns);
        const bool widens = first != passing;
        return std::make_shared<const Chain>(std::vector<Chain::Step>{
            {"first", first}, {"second", widens ? passing : some(columns)}});
      }
      default: {
        ColumnTransformer::Parts parts;
        parts.fitted_columns = columns;
        for (std::size_t p = 0; p < 2; ++p) {
          std::vector<std::size_t> chosen;
          for (std::size_t c = 0; c < columns; ++c) {
            if (below(2) == 0) chosen.push_back(c);
          }
          ColumnTransformer::Part part{"part", some(chosen.size()), chosen, {}, "", ""};
          if (below(3) == 0) part.weight = 0.5;
          parts.parts.push_back(std::move(part));
        }
        return ColumnTransformer::build(std::move(parts)).value();
      }
    }
  }

  Frame rows(std::size_t columns, std::size_t count) {
    Frame frame(count);
    for (std::size_t c = 0; c < columns; ++c) {
      std::string name(1, 'c');
      name += std::to_string(c);
      if (below(2) == 0) {
        static constexpr const char* kTexts[] = {"a", "b", "c", "?", nullptr};
        std::vector<const char*> cells(count);
        for (auto& cell : cells) cell = kTexts[below(5)];
        EXPECT_TRUE(frame.add(Column::of_strings(name, cells)));
      } else {
        static constexpr double kNumbers[] = {-1, 0, 2.5, 7, NAN, 1e39};
        std::vector<double> cells(count);
        for (auto& cell : cells) cell = kNumbers[below(below(4) == 0 ? 6 : 5)];
        EXPECT_TRUE(frame.add(Column::of_doubles(name, cells)));
      }
    }
    return frame;
  }

 private:
  std::int32_t slot() { return static_cast<std::int32_t>(below(3)) - 1; }
  std::mt19937_64 random_;
};

/// A cell by its rule; nothing where the rule refuses it or has no number for it.
std::optional<double> by_rule(const CellRule& rule, const Column& column, std::size_t row) {
  const bool text = column.type() == ColumnType::kText;
  if (rule.categories == nullptr) {
    if (text) return std::nullopt;
    const double number = column.number(row);
    if (rule.limits.refuse(number)) return std::nullopt;
    if (rule.weight) return number * *rule.weight;
    return rule.number ? rule.number(number) : number;
  }
  const std::int32_t code = column.is_missing(row) ? rule.categories->of_missing()
                            : text                 ? rule.categories->of_text(column.text(row))
                                                   : rule.categories->of_number(column.number(row));
  if (code == CellCategories::kRefused) return std::nullopt;
  if (code == kUnknownCategory && rule.unknown_is_error) return std::nullopt;
  return rule.value(code);
}

bool same(double a, double b) {
  return std::isnan(a) ? std::isnan(b)
                       : std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
}

RC_GTEST_PROP(CellRulesTest, SayWhatTransformDoes, (std::uint64_t seed)) {
  Maker make(seed);
  const std::size_t columns = 1 + make.below(4);
  const TransformerPtr transformer = make.transformer(columns);
  const Frame rows = make.rows(columns, 1 + make.below(3));
  const auto rules = transformer->cell_rules(rows.names());
  const auto out = transformer->transform(rows);
  RC_PRE(rules.has_value());
  RC_CLASSIFY(out.has_value(), "transformed");
  bool refused = false;
  bool text_passes = false;
  for (std::size_t c = 0; c < rules->size(); ++c) {
    const CellRule& rule = (*rules)[c];
    const Column& input = rows.column(rule.input);
    for (std::size_t r = 0; r < rows.rows(); ++r) {
      const auto value = by_rule(rule, input, r);
      if (rule.passes() && input.type() == ColumnType::kText) {
        text_passes = true;
      } else if (!value) {
        refused = true;
      } else if (out) {
        RC_ASSERT(same(out->column(c).number(r), *value));
      }
    }
  }
  // Text in a column that passes may be an error of its own.
  RC_ASSERT(out.has_value() == !refused || (text_passes && !refused));
  if (out) RC_ASSERT(out->columns().size() == rules->size());
  RC_CLASSIFY(text_passes, "text passes");
}

TEST(CellRulesTest, TwoRulesOneAfterTheOtherAreNone) {
  const auto letters = CategoryIndex::build({Category::of_text("a")}).value();
  const auto encoder = OneHotEncoder::build({{letters, {0}, kNoSlot, {"a"}}}).value();
  const auto ranks =
      LookupEncoder::build(
          {LookupEncoder::InputColumn{
              CategoryIndex::build({Category::of_number(1)}).value(), {""}, {7.0}, {{0.0}}}})
          .value();
  EXPECT_FALSE(Chain({{"one", encoder}, {"two", ranks}}).cell_rules({"x"}).has_value());
  EXPECT_TRUE(Chain({{"one", encoder}}).cell_rules({"x"}).has_value());
}

}  // namespace
}  // namespace clairscore
