#include <limits>

#include "cli/batch.h"
#include "cli/commands.h"
#include "cli/rows_writer.h"

namespace clairscore {

namespace {

/// Which column holds what, for one kind of estimator.
struct ScoreColumns {
  std::vector<std::string> names;
  bool regressor;
  bool binary;
};

ScoreColumns score_columns(const std::string& identifier, const Estimator& estimator) {
  ScoreColumns columns{{identifier}, estimator.classes().empty(), estimator.classes().size() == 2};
  if (columns.regressor) {
    columns.names.emplace_back("prediction");
  } else if (columns.binary) {
    columns.names.insert(columns.names.end(),
                         {"raw_score", "probability_pos", "threshold", "decision"});
  } else {
    for (const std::string& label : estimator.classes()) {
      columns.names.push_back("raw_score_" + label);
    }
    for (const std::string& label : estimator.classes()) {
      columns.names.push_back("probability_" + label);
    }
    columns.names.emplace_back("decision");  // the most probable class
  }
  return columns;
}

/// Scores rows and writes them down.
class ScoreWriter {
 public:
  ScoreWriter(const ScoreCommand& command, const Batch& batch, StepClock& clock)
      : format_(command.format),
        model_(*batch.model),
        columns_(score_columns(batch.identifier, *model_.pipeline.estimator())),
        clock_(clock) {}

  const std::vector<std::string>& names() const { return columns_.names; }

  Result<void> append(const PreparedRows& rows, std::string& out) const {
    const Estimator& estimator = *model_.pipeline.estimator();
    const std::size_t outputs = estimator.outputs();
    std::vector<double> raw;
    {
      const StepTimer timer(clock_, BatchStep::kScore);
      ASSIGN_OR_RETURN(raw, model_.pipeline.raw_scores(rows.inputs, 1));
    }
    const StepTimer timer(clock_, BatchStep::kWrite);
    std::vector<double> probabilities(estimator.classes().size());
    append_rows(format_, columns_.names, rows.inputs.rows(), out,
                [&](RowFormatter& row, std::string& text, std::size_t r) {
                  row.identifier(text, rows.identifiers, r);
                  const std::span<const double> scores(&raw[r * outputs], outputs);
                  if (columns_.regressor) return row.number(text, scores[0]);
                  estimator.probabilities(scores, probabilities);
                  if (columns_.binary) return append_binary(row, text, scores[0], probabilities[1]);
                  append_classes(row, text, scores, probabilities);
                });
    return {};
  }

 private:
  void append_binary(RowFormatter& row, std::string& out, double score, double probability) const {
    // Without a probability there is no threshold on it: the margin's sign decides.
    const bool has_probability = model_.pipeline.estimator()->has_probabilities();
    const double missing = std::numeric_limits<double>::quiet_NaN();
    row.number(out, score);
    row.number(out, has_probability ? probability : missing);
    row.number(out, has_probability ? model_.threshold : missing);
    const bool refused = has_probability ? probability >= model_.threshold : score > 0;
    row.text(out, refused ? "refused" : "accepted");
  }

  void append_classes(RowFormatter& row, std::string& out, std::span<const double> scores,
                      std::span<const double> probabilities) const {
    const Estimator& estimator = *model_.pipeline.estimator();
    const std::span<const double> ranking = estimator.has_probabilities() ? probabilities : scores;
    std::size_t best = 0;
    for (const double score : scores) row.number(out, score);
    for (std::size_t k = 0; k < probabilities.size(); ++k) {
      row.number(out, probabilities[k]);
      if (ranking[k] > ranking[best]) best = k;
    }
    row.text(out, estimator.classes()[best]);
  }

  RowFormat format_;
  const LoadedModel& model_;
  ScoreColumns columns_;
  StepClock& clock_;
};

}  // namespace

Result<void> run_score(const ScoreCommand& command) {
  BatchStats stats;
  ASSIGN_OR_RETURN(Batch batch, open_batch(command.batch, stats));
  if (!batch.model->pipeline.estimator()) {
    return fail(ErrorCode::kUnsupported, "the model holds only transformers and cannot score",
                command.batch.model, "a model with a final estimator; see `clairscore transform`");
  }
  const ScoreWriter scores(command, batch, stats.clock);
  const BatchWork work{.label = "scoring",
                       .header = header_line(command.format, scores.names()),
                       .cells_per_row = scores.names().size(),
                       .append = [&](const PreparedRows& rows, std::string& out) {
                         return scores.append(rows, out);
                       }};
  RETURN_IF_ERROR(run_batch(batch, command.batch, stats, work));
  return write_stats(stats, command.batch.stats);
}

}  // namespace clairscore
