// OneHotEncoder: the tables of categories, rare ones grouped, one dropped, made into one table of
// slots. The order of the three is scikit-learn's: code, group, drop.

#include "transform/one_hot_encoder.h"

#include <algorithm>
#include <optional>

#include "sklearn/categories.h"
#include "sklearn/infrequent.h"
#include "sklearn/objects.h"
#include "sklearn/readers.h"

namespace clairscore::sklearn {

namespace {

/// For each column, the position (after grouping) of the category that is encoded as all zeros.
Result<std::vector<std::optional<std::size_t>>> read_dropped(const Value& object,
                                                             std::size_t columns) {
  std::vector<std::optional<std::size_t>> dropped(columns);
  // 1.1 and older have no grouping between the two.
  auto attribute = object.attribute("_drop_idx_after_grouping");
  if (!attribute) attribute = object.attribute("drop_idx_");
  if (!attribute || attribute->is_none()) return dropped;
  ASSIGN_OR_RETURN(const std::vector<pickle::Label> labels, pickle::to_labels(*attribute));
  if (labels.size() != columns) {
    return ReadContext::refuse(*attribute, ErrorCode::kInput,
                               "OneHotEncoder: " + std::to_string(labels.size()) +
                                   " dropped categories for " + std::to_string(columns) +
                                   " columns",
                               "one a column");
  }
  for (std::size_t i = 0; i < columns; ++i) {
    if (labels[i].kind == pickle::Label::Kind::kNone) continue;
    if (labels[i].kind != pickle::Label::Kind::kInteger || labels[i].integer < 0) {
      return ReadContext::refuse(*attribute, ErrorCode::kInput,
                                 "OneHotEncoder: the dropped category " +
                                     pickle::to_text(labels[i]) + " of column " +
                                     std::to_string(i) + " is no position",
                                 "None or a position among the categories");
    }
    dropped[i] = static_cast<std::size_t>(labels[i].integer);
  }
  return dropped;
}

}  // namespace

Result<ReadTransformer> read_one_hot_encoder(const Value& object, ReadContext& context) {
  ASSIGN_OR_RETURN(const std::string unknown, text_attribute(object, "handle_unknown", "error"));
  if (unknown != "error" && unknown != "ignore" && unknown != "infrequent_if_exist" &&
      unknown != "warn") {
    return refuse_attribute(ErrorCode::kUnsupported, object, "handle_unknown",
                            *object.attribute("handle_unknown"),
                            "'error', 'ignore', 'infrequent_if_exist' or 'warn'");
  }
  if (const auto combiner = object.attribute("feature_name_combiner");
      combiner && combiner->string() != "concat") {
    return refuse_attribute(ErrorCode::kUnsupported, object, "feature_name_combiner", *combiner,
                            "'concat'");
  }
  ASSIGN_OR_RETURN(std::vector<ReadCategories> all, read_all_categories(object, context));
  std::vector<std::size_t> counts;
  counts.reserve(all.size());
  for (const ReadCategories& column : all) counts.push_back(column.categories.size());
  ASSIGN_OR_RETURN(const auto grouped, read_infrequent(object, counts));
  ASSIGN_OR_RETURN(const auto dropped, read_dropped(object, all.size()));

  ReadTransformer read;
  ASSIGN_OR_RETURN(read.input_names, feature_names(object));
  std::vector<OneHotEncoder::InputColumn> columns;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const ReadCategories& categories = all[i];
    ASSIGN_OR_RETURN(CategoryIndex index, index_categories(categories, i, object));
    std::vector<std::string> names = grouped[i] ? std::vector<std::string>{} : categories.names;
    if (grouped[i]) {
      for (std::size_t c = 0; c < categories.names.size(); ++c) {
        if (grouped[i]->position[c] < grouped[i]->frequent) {
          names.push_back(categories.object_names[c]);
        }
      }
      names.emplace_back("infrequent_sklearn");
    }
    if (dropped[i] && *dropped[i] >= names.size()) {
      return ReadContext::refuse(object, ErrorCode::kInput,
                                 "OneHotEncoder: the dropped category " +
                                     std::to_string(*dropped[i]) + " of column " +
                                     std::to_string(i) + " is out of range",
                                 "0 to " + std::to_string(names.size()) + ", exclusive");
    }
    const auto slot_of = [&](std::size_t category) -> std::int32_t {
      const std::size_t position = grouped[i] ? grouped[i]->position[category] : category;
      if (!dropped[i] || position < *dropped[i]) return static_cast<std::int32_t>(position);
      return position == *dropped[i] ? kNoSlot : static_cast<std::int32_t>(position - 1);
    };
    std::vector<std::int32_t> slots;
    slots.reserve(categories.names.size());
    for (std::size_t c = 0; c < categories.names.size(); ++c) slots.push_back(slot_of(c));
    std::optional<std::int32_t> unknown_slot;
    if (unknown != "error") {
      // "warn" is documented to act as "infrequent_if_exist"; scikit-learn 1.6 and 1.7 in fact
      // encode the unknown category as all zeros, and so do we.
      unknown_slot = grouped[i] && unknown == "infrequent_if_exist"
                         ? slot_of(grouped[i]->first_infrequent)
                         : kNoSlot;
    }
    if (dropped[i]) names.erase(names.begin() + static_cast<std::ptrdiff_t>(*dropped[i]));
    columns.push_back({std::move(index), std::move(slots), unknown_slot, std::move(names)});
    read.inputs.push_back(std::move(all[i].use));
  }
  auto transformer = OneHotEncoder::build(std::move(columns));
  if (!transformer) {
    transformer.error().where = object.where();
    return fail(std::move(transformer.error()));
  }
  read.transformer = std::move(*transformer);
  // "sparse" until 1.1; in 1.2 and 1.3 both are there, and the older one says 'deprecated'.
  const bool renamed = object.attribute("sparse_output").has_value();
  ASSIGN_OR_RETURN(const bool sparse,
                   bool_attribute(object, renamed ? "sparse_output" : "sparse", true));
  read.rows = sparse ? RowForm::kSparse : RowForm::kDense;
  return read;
}

}  // namespace clairscore::sklearn
