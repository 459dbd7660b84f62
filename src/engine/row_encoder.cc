#include "engine/row_encoder.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <tuple>
#include <utility>

namespace clairscore {

namespace {

constexpr std::size_t kMissingNumber = 255;
constexpr std::size_t kThresholdsPerColumn = 254;
constexpr std::size_t kNativeCategories = 256;
constexpr std::uint16_t kRefusedClass = 0x100;
/// Categories times tests that are worth classing; beyond it rows are transformed first.
constexpr std::size_t kMostClassWork = std::size_t{1} << 26U;
constexpr std::array<std::size_t, 4> kBucketCounts = {64, 256, 1024, 4096};
constexpr std::size_t kFewSteps = 1;
/// Compared one by one, without buckets.
constexpr std::size_t kFewThresholds = 4;
/// A vector of four bytes may be read where one is wanted.
constexpr std::size_t kBytesReadBeyond = 3;
/// Numbers converted or weighted at a time.
constexpr std::size_t kPieceRows = 256;

std::size_t native_value(double value) {
  // As TreeEnsemble::goes_left: what it sends the way of missing values has no value here.
  if (!(value >= 0) || value >= 9223372036854775808.0) return kNativeCategories;
  return static_cast<std::uint8_t>(static_cast<std::uint64_t>(value));
}

/// NumberLimits::refuse() of any, without a branch a number.
bool refuses_any(const NumberLimits& limits, const double* numbers, std::size_t count) {
  std::uint64_t missing = 0;
  std::uint64_t large = 0;
  const double most = limits.most.value_or(std::numeric_limits<double>::quiet_NaN());
  for (std::size_t i = 0; i < count; ++i) {
    missing |= numbers[i] != numbers[i] ? 1U : 0U;
    large |= std::fabs(numbers[i]) >= most ? 1U : 0U;  // never, where there is no most
  }
  return (limits.missing && missing != 0) || large != 0;
}

}  // namespace

/// Collects the tests of each feature, then gives features columns and tests sets of codes.
struct RowEncoder::Builder {
  const TreeEnsemble& ensemble;
  RowEncoder encoder;
  std::map<CodeSet, std::uint32_t> set_index;

  struct NodeRef {
    const TreeNode* node;
    std::size_t test;
  };

  void add_test(std::size_t test, std::size_t column, const CodeSet& left) {
    const auto [entry, added] =
        set_index.emplace(left, static_cast<std::uint32_t>(encoder.sets_.size()));
    if (added) encoder.sets_.push_back(left);
    encoder.tests_[test] = {static_cast<std::uint32_t>(column), entry->second};
  }

  void add_numeric(Source source, const std::vector<NodeRef>& nodes);
  bool add_classes(Source source, const std::vector<NodeRef>& nodes,
                   std::span<const CellRule> rules);
};

void RowEncoder::Builder::add_numeric(Source source, const std::vector<NodeRef>& nodes) {
  std::vector<double> thresholds;
  thresholds.reserve(nodes.size());
  for (const NodeRef& ref : nodes) thresholds.push_back(ref.node->threshold);
  std::sort(thresholds.begin(), thresholds.end());
  thresholds.erase(std::unique(thresholds.begin(), thresholds.end()), thresholds.end());
  source.first_column = static_cast<std::uint32_t>(encoder.columns_.size());
  for (std::size_t i = 0; i < thresholds.size(); i += kThresholdsPerColumn) {
    encoder.columns_.push_back(counting_column(
        std::span(thresholds).subspan(i, std::min(kThresholdsPerColumn, thresholds.size() - i))));
    ++source.column_count;
  }
  for (const NodeRef& ref : nodes) {
    const auto k = static_cast<std::size_t>(
        std::lower_bound(thresholds.begin(), thresholds.end(), ref.node->threshold) -
        thresholds.begin());
    const std::size_t column = source.first_column + k / kThresholdsPerColumn;
    CodeSet left;
    left.insert_range(0, k % kThresholdsPerColumn);
    if (ref.node->missing_goes_left) {
      // Codes that do not occur go with the missing ones: the set stays one range of a circle.
      left.insert_range(encoder.columns_[column].codes, kMissingNumber);
    }
    add_test(ref.test, column, left);
  }
  encoder.sources_.push_back(std::move(source));
}

bool RowEncoder::Builder::add_classes(Source source, const std::vector<NodeRef>& nodes,
                                      std::span<const CellRule> rules) {
  const std::size_t cells = source.native ? kNativeCategories : source.categories->size();
  if ((cells + 1) * (nodes.size() + 1) > kMostClassWork) return false;
  // What every test says of every category; the last one is the unknown or missing one.
  std::vector<std::vector<bool>> goes_left;
  goes_left.reserve(nodes.size());
  std::vector<std::size_t> class_of(cells + 1, 0);
  std::size_t classes = 1;
  for (const NodeRef& ref : nodes) {
    std::vector<bool>& left = goes_left.emplace_back(cells + 1);
    std::map<std::pair<std::size_t, bool>, std::size_t> split;
    for (std::size_t c = 0; c <= cells; ++c) {
      double value = static_cast<double>(c);
      if (source.native) {
        if (c == cells) value = std::numeric_limits<double>::quiet_NaN();
      } else {
        const CellRule& rule = rules[ref.node->feature];
        const bool unknown = c == cells;
        value = unknown && rule.unknown_is_error
                    ? 0
                    : rule.value(unknown ? kUnknownCategory : static_cast<std::int32_t>(c));
      }
      left[c] = ensemble.goes_left(*ref.node, value);
      class_of[c] = split.emplace(std::pair(class_of[c], left[c]), split.size()).first->second;
    }
    classes = split.size();
    if (classes > CodeSet::kCodes) return false;
  }
  source.first_column = static_cast<std::uint32_t>(encoder.columns_.size());
  source.classes.assign(class_of.begin(), class_of.end());
  if (!nodes.empty()) {
    source.column_count = 1;
    CodeColumn& column = encoder.columns_.emplace_back();
    column.codes = classes;
  }
  for (std::size_t n = 0; n < nodes.size(); ++n) {
    CodeSet left;
    for (std::size_t c = 0; c <= cells; ++c) {
      if (goes_left[n][c]) left.insert(class_of[c]);
    }
    if (classes < CodeSet::kCodes && left.contains(classes - 1)) {
      left.insert_range(classes, CodeSet::kCodes - 1);
    }
    add_test(nodes[n].test, source.first_column, left);
  }
  encoder.sources_.push_back(std::move(source));
  return true;
}

std::optional<RowEncoder> RowEncoder::build(const TreeEnsemble& ensemble,
                                            std::span<const CellRule> rules) {
  using Kind = TreeNode::Kind;
  Builder builder{ensemble, {}, {}};
  RowEncoder& encoder = builder.encoder;
  // A source for each numeric or native feature, one for all features made of the same categories.
  struct Key {
    bool from_categories;
    std::size_t position;  // input, or feature
    const CellCategories* categories;
    Kind kind;
    auto operator<=>(const Key&) const = default;
  };
  std::map<Key, std::vector<Builder::NodeRef>> nodes;
  const auto key_of = [&](std::size_t feature, Kind kind) {
    const CellRule& rule = rules[feature];
    return rule.categories != nullptr ? Key{true, rule.input, rule.categories, Kind::kLeaf}
                                      : Key{false, feature, nullptr, kind};
  };
  // Sources that no tree tests may still refuse a cell.
  for (std::size_t f = 0; f < rules.size(); ++f) nodes[key_of(f, Kind::kNumeric)];
  for (const Tree& tree : ensemble.trees()) {
    encoder.first_test_.push_back(encoder.tests_.size());
    for (const TreeNode& node : tree) {
      if (node.kind != Kind::kLeaf) {
        nodes[key_of(node.feature, node.kind)].push_back({&node, encoder.tests_.size()});
      }
      encoder.tests_.push_back({0, 0});
    }
  }
  for (auto& [key, refs] : nodes) {
    Source source;
    if (key.from_categories) {
      source.input = key.position;
      source.categories = key.categories;
      for (const CellRule& rule : rules) {
        const bool same = rule.input == key.position && rule.categories == key.categories;
        source.unknown_is_error |= same && rule.unknown_is_error;
      }
      if (!builder.add_classes(std::move(source), refs, rules)) return std::nullopt;
      continue;
    }
    const CellRule& rule = rules[key.position];
    source.input = rule.input;
    source.weighted = rule.weight.has_value();
    source.weight = rule.weight.value_or(1);
    source.limits = rule.limits;
    source.number = rule.number;
    source.native = key.kind == Kind::kCategorical;
    if (!source.native) {
      builder.add_numeric(std::move(source), refs);
    } else if (!builder.add_classes(std::move(source), refs, rules)) {
      return std::nullopt;
    }
  }
  return std::move(encoder);
}

std::optional<RowEncoder> RowEncoder::build(const TreeEnsemble& ensemble) {
  std::vector<CellRule> rules(ensemble.features());
  for (std::size_t f = 0; f < rules.size(); ++f) rules[f].input = f;
  return build(ensemble, rules);
}

// ---- Numbers: how many thresholds are below ----

std::size_t RowEncoder::CodeColumn::bucket(double value) const {
  double position = (value - origin) * scale;
  position = position > 0 ? position : 0;
  position = position < last_bucket ? position : last_bucket;
  return static_cast<std::size_t>(static_cast<std::int32_t>(position));
}

void RowEncoder::CodeColumn::cut_into(std::size_t buckets) {
  const std::size_t count = codes - 1;
  before.assign(buckets + kBytesReadBeyond, 0);
  last_bucket = static_cast<double>(buckets - 1);
  std::vector<std::size_t> own(buckets);
  for (std::size_t i = 0; i < count; ++i) ++own[bucket(thresholds[i])];
  std::size_t sum = 0;
  for (std::size_t b = 0; b < buckets; ++b) {
    before[b] = static_cast<std::uint8_t>(sum);
    sum += own[b];
  }
  steps = *std::max_element(own.begin(), own.end());
}

RowEncoder::CodeColumn RowEncoder::counting_column(std::span<const double> thresholds) {
  CodeColumn column;
  column.codes = thresholds.size() + 1;
  column.thresholds.assign(thresholds.begin(), thresholds.end());
  std::vector<double> finite;
  for (const double t : thresholds) {
    if (std::isfinite(t)) finite.push_back(t);
  }
  column.before.assign(1 + kBytesReadBeyond, 0);
  column.steps = thresholds.size();
  if (finite.size() > kFewThresholds) {
    column.origin = finite.front();
    for (const std::size_t buckets : kBucketCounts) {
      CodeColumn cut = column;
      cut.scale = static_cast<double>(buckets) / (finite.back() - finite.front());
      if (!std::isfinite(cut.scale)) break;
      cut.cut_into(buckets);
      if (cut.steps < column.steps) column = std::move(cut);
      if (column.steps <= kFewSteps) break;
    }
  }
  column.thresholds.resize(thresholds.size() + column.steps,
                           std::numeric_limits<double>::infinity());
  return column;
}

void RowEncoder::encode_numbers(const Source& source, const double* values, std::size_t count,
                                std::uint8_t* out, std::size_t stride,
                                const Kernels& kernels) const {
  if (source.native) {
    for (std::size_t i = 0; i < count; ++i) out[i] = source.classes[native_value(values[i])];
    return;
  }
  for (std::size_t c = 0; c < source.column_count; ++c) {
    const CodeColumn& column = columns_[source.first_column + c];
    kernels.count_below({column.thresholds.data(), column.before.data(), column.origin,
                         column.scale, column.last_bucket, column.steps},
                        values, count, out + c * stride);
  }
}

// ---- Categories ----

std::uint16_t RowEncoder::class_of(const Source& source, std::int32_t category) const {
  if (category == CellCategories::kRefused) return kRefusedClass;
  if (category != kUnknownCategory) return source.classes[static_cast<std::size_t>(category)];
  return source.unknown_is_error ? kRefusedClass : source.classes.back();
}

bool RowEncoder::encode_categories(const Source& source, const Rows::Input& input,
                                   std::size_t begin, std::size_t count, std::uint8_t* out) const {
  const Column& column = *input.column;
  const std::uint16_t missing = class_of(source, source.categories->of_missing());
  std::uint32_t seen = 0;
  if (column.type() == ColumnType::kText && !input.translated.empty()) {
    const std::uint32_t* cells = column.codes().data() + begin;
    const std::uint16_t* translated = input.translated.data();
    const auto missing_cell = static_cast<std::uint32_t>(input.translated.size() - 1);
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint16_t code = translated[std::min(cells[i], missing_cell)];
      seen |= code;
      out[i] = static_cast<std::uint8_t>(code);
    }
  } else if (column.type() == ColumnType::kText) {
    const std::uint32_t* cells = column.codes().data() + begin;
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint16_t code =
          cells[i] == kMissingCode
              ? missing
              : class_of(source, source.categories->of_text(column.dictionary()[cells[i]]));
      seen |= code;
      out[i] = static_cast<std::uint8_t>(code);
    }
  } else {
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint16_t code =
          class_of(source, source.categories->of_number(column.number(begin + i)));
      seen |= code;
      out[i] = static_cast<std::uint8_t>(code);
    }
  }
  return (seen & kRefusedClass) == 0;
}

std::optional<RowEncoder::Rows> RowEncoder::open(std::span<const Column* const> columns,
                                                 std::size_t rows) const {
  Rows opened;
  opened.size_ = rows;
  opened.inputs_.resize(sources_.size());
  for (std::size_t s = 0; s < sources_.size(); ++s) {
    const Source& source = sources_[s];
    Rows::Input& input = opened.inputs_[s];
    input.column = columns[source.input];
    if (source.categories == nullptr) {
      if (input.column->type() == ColumnType::kText) return std::nullopt;
      if (input.column->type() == ColumnType::kDouble) {
        input.numbers = input.column->doubles().data();
      }
      continue;
    }
    if (input.column->type() != ColumnType::kText) continue;
    const Dictionary& dictionary = input.column->dictionary();
    if (dictionary.size() > rows) continue;
    input.translated.reserve(dictionary.size() + 1);
    for (const std::string& text : dictionary) {
      input.translated.push_back(class_of(source, source.categories->of_text(text)));
    }
    input.translated.push_back(class_of(source, source.categories->of_missing()));
  }
  return opened;
}

RowEncoder::Rows RowEncoder::open(std::span<const double* const> columns, std::size_t rows) const {
  Rows opened;
  opened.size_ = rows;
  opened.inputs_.resize(sources_.size());
  for (std::size_t s = 0; s < sources_.size(); ++s) {
    opened.inputs_[s].numbers = columns[sources_[s].input];
  }
  return opened;
}

bool RowEncoder::encode(const Rows& rows, std::size_t begin, std::size_t count, std::uint8_t* out,
                        std::size_t stride, const Kernels& kernels) const {
  std::array<double, kPieceRows> numbers;
  std::array<std::uint8_t, kPieceRows> ignored;
  for (std::size_t s = 0; s < sources_.size(); ++s) {
    const Source& source = sources_[s];
    const Rows::Input& input = rows.inputs_[s];
    std::uint8_t* codes = out + source.first_column * stride;
    const bool used = source.column_count > 0;
    const bool checked = source.limits.any();
    if (source.categories == nullptr && !used && !checked) continue;
    if (source.categories == nullptr && input.numbers != nullptr && source.plain()) {
      if (checked && refuses_any(source.limits, input.numbers + begin, count)) return false;
      if (!used) continue;
      encode_numbers(source, input.numbers + begin, count, codes, stride, kernels);
      continue;
    }
    for (std::size_t i = 0; i < count; i += kPieceRows) {
      const std::size_t piece = std::min(kPieceRows, count - i);
      if (source.categories != nullptr) {
        // Unused, it is only checked.
        if (!encode_categories(source, input, begin + i, piece, used ? codes + i : ignored.data()))
          return false;
        continue;
      }
      for (std::size_t r = 0; r < piece; ++r) {
        numbers[r] = input.numbers != nullptr ? input.numbers[begin + i + r]
                                              : input.column->number(begin + i + r);
      }
      if (checked && refuses_any(source.limits, numbers.data(), piece)) return false;
      if (!used) continue;
      for (std::size_t r = 0; source.weighted && r < piece; ++r) numbers[r] *= source.weight;
      for (std::size_t r = 0; source.number && r < piece; ++r) {
        numbers[r] = source.number(numbers[r]);
      }
      encode_numbers(source, numbers.data(), piece, codes + i, stride, kernels);
    }
  }
  return true;
}

}  // namespace clairscore
