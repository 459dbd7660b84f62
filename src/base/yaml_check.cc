#include "base/yaml_check.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <optional>
#include <sstream>

namespace clairscore {

namespace {

/// Sees a document go by and remembers the line of its first alias.
class AliasWatcher final : public YAML::EventHandler {
 public:
  std::optional<int> line() const { return line_; }

  void OnDocumentStart(const YAML::Mark& /*mark*/) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& /*mark*/, YAML::anchor_t /*anchor*/) override {}
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override {
    if (!line_) line_ = mark.line;
  }
  void OnScalar(const YAML::Mark& /*mark*/, const std::string& /*tag*/, YAML::anchor_t /*anchor*/,
                const std::string& /*value*/) override {}
  void OnSequenceStart(const YAML::Mark& /*mark*/, const std::string& /*tag*/,
                       YAML::anchor_t /*anchor*/, YAML::EmitterStyle::value /*style*/) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark& /*mark*/, const std::string& /*tag*/, YAML::anchor_t /*anchor*/,
                  YAML::EmitterStyle::value /*style*/) override {}
  void OnMapEnd() override {}

 private:
  std::optional<int> line_;
};

std::string place(const std::string& name, int line) {
  return name + ":" + std::to_string(line < 0 ? 1 : line + 1);
}

}  // namespace

Result<void> check_yaml(std::string_view text, const std::string& name) {
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    AliasWatcher watcher;
    parser.HandleNextDocument(watcher);
    if (const auto line = watcher.line()) {
      return fail(ErrorCode::kInput, "a YAML alias", place(name, *line), "YAML without aliases");
    }
    if (parser) {
      return fail(ErrorCode::kInput, "more than one YAML document", name, "one document");
    }
    return {};
  } catch (const YAML::Exception& error) {
    return fail(ErrorCode::kInput, "no YAML (" + error.msg + ")", place(name, error.mark.line),
                "YAML");
  }
}

}  // namespace clairscore
