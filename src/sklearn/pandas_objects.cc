#include "sklearn/pandas_objects.h"

#include <optional>
#include <utility>

#include "sklearn/objects.h"

namespace clairscore::sklearn {

namespace {

using pickle::Label;

/// More rows or columns than the tables of an encoder have.
constexpr std::size_t kMaxLabels = 10'000'000;

bool is_pandas_class(const Value& value, std::string_view name) {
  if (value.kind() != Kind::kObject) return false;
  const Value made = value.callable();
  return made.name() == name &&
         (made.module() == "pandas" || made.module() == "pandas.core.series" ||
          made.module() == "pandas.core.frame");
}

/// The array within a StringArray, or the value itself.
Value array_within(const Value& value) {
  if (value.qualified_name() != "pandas._libs.arrays.__pyx_unpickle_NDArrayBacked") return value;
  const auto state = value.state();
  for (std::size_t i = 0; state && i < state->size(); ++i) {
    if (pickle::is_ndarray(state->at(i))) return state->at(i);
  }
  return value;
}

/// RangeIndex: start, stop, step.
Result<std::vector<Label>> read_range(const Value& at, const Value& fields, ReadContext& context) {
  const auto part = [&](std::string_view name) -> Result<std::int64_t> {
    const auto value = fields.get(name);
    if (!value) return ReadContext::refuse(at, ErrorCode::kInput, "a RangeIndex without its ends");
    return pickle::to_integer(*value);
  };
  ASSIGN_OR_RETURN(const std::int64_t start, part("start"));
  ASSIGN_OR_RETURN(const std::int64_t stop, part("stop"));
  ASSIGN_OR_RETURN(const std::int64_t step, part("step"));
  constexpr auto kMost = static_cast<std::int64_t>(kMaxLabels);
  const bool bounded = start > -kMost && start < kMost && stop > -kMost && stop < kMost;
  if (!bounded || step <= 0) {
    return ReadContext::refuse(at, ErrorCode::kLimit, "a RangeIndex of unusual ends",
                               "ends within ±" + std::to_string(kMaxLabels));
  }
  std::vector<Label> labels;
  const std::int64_t count = stop > start ? (stop - start + step - 1) / step : 0;
  RETURN_IF_ERROR(context.spend(static_cast<std::uint64_t>(count) * sizeof(Label), at));
  for (std::int64_t i = 0; i < count; ++i) {
    Label label;
    label.kind = Label::Kind::kInteger;
    label.integer = start + i * step;
    labels.push_back(label);
  }
  return labels;
}

Result<std::vector<Label>> read_index(const Value& index, ReadContext& context) {
  const Value arguments = index.arguments();
  const bool made = index.qualified_name() == "pandas.core.indexes.base._new_Index";
  if (!made || arguments.size() != 2) {
    return ReadContext::refuse(index, ErrorCode::kUnsupported,
                               "labels of a pandas object that are " + describe(index),
                               "a pandas Index of texts or numbers");
  }
  const Value fields = arguments.at(1);
  const auto data = fields.get("data");
  if (!data) return read_range(index, fields, context);
  const Value array = array_within(*data);
  if (!pickle::is_ndarray(array)) {
    return ReadContext::refuse(array, ErrorCode::kUnsupported,
                               "labels of a pandas object in " + describe(array),
                               "labels that numpy or pandas' own StringArray holds");
  }
  ASSIGN_OR_RETURN(const pickle::NdArray sized, pickle::read_ndarray(array));
  RETURN_IF_ERROR(context.spend(sized.size() * sizeof(Label), array));
  return pickle::to_labels(array);
}

/// Values of one dtype, and the columns they are.
struct Block {
  Value values;
  std::optional<Value> placement;
};

struct Manager {
  std::vector<Value> axes;
  std::vector<Block> blocks;
};

Result<Manager> read_manager(const Value& object) {
  auto manager = present(object, "_mgr");
  if (!manager) manager = present(object, "_data");  // pandas before 1.1
  const auto refuse = [&] {
    return ReadContext::refuse(object, ErrorCode::kUnsupported,
                               describe(object) + " in a form that is not read",
                               "what pandas 1 to 3 pickle");
  };
  if (!manager || manager->kind() != Kind::kObject) return refuse();
  Manager read;
  if (const auto state = manager->state(); state && state->size() >= 2) {
    // (axes, values, items, {"0.14.1": {axes, blocks: [{values, mgr_locs}]}})
    ASSIGN_OR_RETURN(read.axes, elements(state->at(0)));
    const auto full = state->size() > 3 ? state->at(3).get("0.14.1") : std::nullopt;
    const auto blocks = full ? full->get("blocks") : std::nullopt;
    if (!blocks) return refuse();
    ASSIGN_OR_RETURN(const std::vector<Value> entries, elements(*blocks));
    for (const Value& entry : entries) {
      const auto values = entry.get("values");
      if (!values) return refuse();
      read.blocks.push_back({*values, entry.get("mgr_locs")});
    }
    return read;
  }
  const Value arguments = manager->arguments();
  if (arguments.size() != 2) return refuse();
  ASSIGN_OR_RETURN(const std::vector<Value> blocks, elements(arguments.at(0)));
  ASSIGN_OR_RETURN(read.axes, elements(arguments.at(1)));
  for (const Value& block : blocks) {
    if (block.qualified_name() != "pandas._libs.internals._unpickle_block" ||
        block.arguments().size() < 2) {
      return refuse();
    }
    read.blocks.push_back({block.arguments().at(0), block.arguments().at(1)});
  }
  return read;
}

/// Positions of a block's columns: slice(start, stop, step) or an array.
Result<std::vector<std::size_t>> read_placement(const Value& placement, std::size_t count) {
  if (placement.qualified_name() != "builtins.slice") return indices(placement, count);
  const Value arguments = placement.arguments();
  std::vector<std::size_t> found;
  if (arguments.size() == 3) {
    const auto start = arguments.at(0).integer();
    const auto stop = arguments.at(1).integer();
    const auto step =
        arguments.at(2).is_none() ? std::optional<std::int64_t>(1) : arguments.at(2).integer();
    const auto most = static_cast<std::int64_t>(count);
    if (start && stop && step && *start >= 0 && *stop <= most && *step > 0) {
      for (std::int64_t i = *start; i < *stop; i += *step) {
        found.push_back(static_cast<std::size_t>(i));
      }
      return found;
    }
  }
  return ReadContext::refuse(placement, ErrorCode::kInput, "columns of a table out of range");
}

}  // namespace

bool is_series(const Value& value) {
  return is_pandas_class(value, "Series");
}

Result<Series> read_series(const Value& value, ReadContext& context) {
  if (!is_series(value)) {
    return ReadContext::refuse(value, ErrorCode::kInput,
                               describe(value) + " where a pandas Series is needed");
  }
  ASSIGN_OR_RETURN(const Manager manager, read_manager(value));
  if (manager.axes.size() != 1 || manager.blocks.size() != 1) {
    return ReadContext::refuse(value, ErrorCode::kInput, "a Series of several blocks");
  }
  Series series;
  ASSIGN_OR_RETURN(series.index, read_index(manager.axes[0], context));
  ASSIGN_OR_RETURN(series.values, pickle::to_doubles(array_within(manager.blocks[0].values)));
  if (series.values.size() != series.index.size()) {
    return ReadContext::refuse(value, ErrorCode::kInput,
                               std::to_string(series.values.size()) + " values for " +
                                   std::to_string(series.index.size()) + " labels");
  }
  return series;
}

Result<DataTable> read_data_table(const Value& value, ReadContext& context) {
  if (!is_pandas_class(value, "DataFrame")) {
    return ReadContext::refuse(value, ErrorCode::kInput,
                               describe(value) + " where a pandas DataFrame is needed");
  }
  ASSIGN_OR_RETURN(const Manager manager, read_manager(value));
  if (manager.axes.size() != 2) {
    return ReadContext::refuse(value, ErrorCode::kInput, "a DataFrame without two axes");
  }
  DataTable table;
  ASSIGN_OR_RETURN(const std::vector<Label> names, read_index(manager.axes[0], context));
  ASSIGN_OR_RETURN(table.index, read_index(manager.axes[1], context));
  const std::size_t rows = table.index.size();
  const std::size_t width = names.size();
  for (const Label& name : names) table.columns.push_back(pickle::to_text(name));
  if (width != 0 && rows > kMaxLabels / width) {
    return ReadContext::refuse(value, ErrorCode::kLimit, "a DataFrame of too many cells",
                               "up to " + std::to_string(kMaxLabels));
  }
  RETURN_IF_ERROR(context.spend(rows * width * sizeof(double), value));
  table.cells.resize(rows * width);
  std::vector<bool> filled(width, false);
  for (const Block& block : manager.blocks) {
    if (!block.placement) {
      return ReadContext::refuse(value, ErrorCode::kInput, "a block without its columns");
    }
    ASSIGN_OR_RETURN(const std::vector<std::size_t> columns,
                     read_placement(*block.placement, width));
    ASSIGN_OR_RETURN(const std::vector<double> cells,
                     pickle::to_doubles(array_within(block.values)));
    if (cells.size() != columns.size() * rows) {
      return ReadContext::refuse(block.values, ErrorCode::kInput,
                                 std::to_string(cells.size()) + " cells for " +
                                     std::to_string(columns.size()) + " columns of " +
                                     std::to_string(rows) + " rows");
    }
    for (std::size_t c = 0; c < columns.size(); ++c) {
      filled[columns[c]] = true;
      for (std::size_t r = 0; r < rows; ++r) {
        table.cells[r * width + columns[c]] = cells[c * rows + r];
      }
    }
  }
  for (std::size_t c = 0; c < width; ++c) {
    if (filled[c]) continue;
    return ReadContext::refuse(value, ErrorCode::kInput,
                               "a DataFrame without values in column " + std::to_string(c));
  }
  return table;
}

}  // namespace clairscore::sklearn
