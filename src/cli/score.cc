#include <limits>

#include "base/output.h"
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

Result<void> write_scores(const ScoreCommand& command, const Batch& batch,
                          const std::vector<double>& raw) {
  const Estimator& estimator = *batch.model->pipeline.estimator();
  const double threshold = batch.model->threshold;
  const std::size_t outputs = estimator.outputs();
  const ScoreColumns columns = score_columns(batch.identifiers.name(), estimator);
  ASSIGN_OR_RETURN(OutputFile output, OutputFile::open(command.batch.output));
  std::string header;
  RowFormatter(command.format, columns.names).header(header);
  RETURN_IF_ERROR(output.write(header));
  const auto format_row = [&](RowFormatter& row, std::string& out, std::size_t r) {
    row.cell(out, batch.identifiers, r);
    const std::span<const double> scores(&raw[r * outputs], outputs);
    if (columns.regressor) return row.number(out, scores[0]);
    std::vector<double> probabilities(estimator.classes().size());
    estimator.probabilities(scores, probabilities);
    if (columns.binary) {
      // Without a probability there is no threshold on it: the margin's sign decides.
      const bool has_probability = estimator.has_probabilities();
      const double missing = std::numeric_limits<double>::quiet_NaN();
      row.number(out, scores[0]);
      row.number(out, has_probability ? probabilities[1] : missing);
      row.number(out, has_probability ? threshold : missing);
      const bool refused = has_probability ? probabilities[1] >= threshold : scores[0] > 0;
      row.text(out, refused ? "refused" : "accepted");
      return;
    }
    std::size_t best = 0;
    for (const double score : scores) row.number(out, score);
    for (std::size_t k = 0; k < probabilities.size(); ++k) {
      row.number(out, probabilities[k]);
      const std::span<const double> ranking =
          estimator.has_probabilities() ? std::span<const double>(probabilities) : scores;
      if (ranking[k] > ranking[best]) best = k;
    }
    row.text(out, estimator.classes()[best]);
  };
  RETURN_IF_ERROR(write_rows(output, command.format, columns.names, batch.inputs.rows(),
                             batch.threads, format_row));
  return output.commit();
}

}  // namespace

Result<void> run_score(const ScoreCommand& command) {
  BatchStats stats;
  ASSIGN_OR_RETURN(const Batch batch, load_batch(command.batch, stats));
  if (!batch.model->pipeline.estimator()) {
    return fail(ErrorCode::kUnsupported, "the model holds only transformers and cannot score",
                command.batch.model, "a model with a final estimator; see `clairscore transform`");
  }
  std::vector<double> raw;
  {
    const StepTimer timer(stats.score_s);
    ASSIGN_OR_RETURN(raw, batch.model->pipeline.raw_scores(batch.inputs, batch.threads));
  }
  {
    const StepTimer timer(stats.write_s);
    RETURN_IF_ERROR(write_scores(command, batch, raw));
  }
  return write_stats(stats, command.batch.stats);
}

}  // namespace clairscore
