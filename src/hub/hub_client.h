#pragma once

// Questions to the Hub and its answers: redirects followed by hand, so that the token is heard by
// the Hub's own origin only; statuses turned into faults; transient ones asked again with a
// backoff. Thread-safe.

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>

#include "base/log.h"
#include "hub/error.h"
#include "hub/http_client.h"
#include "hub/repo.h"
#include "hub/settings.h"
#include "hub/tree.h"
#include "hub/waiter.h"

namespace clairscore::hub {

inline constexpr int kMostRetries = 5;
/// A server that asks to wait longer than this is not waited for.
inline constexpr std::chrono::seconds kLongestWait{600};

/// Seconds before retry number `retry` (from 1), with a jitter of a quarter either way.
std::chrono::milliseconds backoff(int retry, Waiter& waiter);

/// How often a question that failed for the moment is asked again, 1-2-4-8-8 s apart.
struct Patience {
  int retries = 0;
  /// Told before each wait why the question is asked again. May be empty.
  std::function<void(const HubError&)> waits;
};

/// Takes a body. The calls come in order, on the thread that asked.
class BodySink {
 public:
  virtual ~BodySink() = default;
  /// Before the first byte of a 200 or 206. False: abort.
  virtual bool begin(const HttpHead& head) = 0;
  virtual bool write(ByteSpan bytes) = 0;
};

/// What came of asking once.
struct Attempt {
  bool complete = false;
  bool again = false;                        // when not complete: whether asking again may help
  std::optional<std::chrono::seconds> wait;  // what the server asks for
  bool aborted = false;                      // by the sink
  int status = 0;                            // of the last answer, 0 when there was none
  HubError error;                            // when not complete
};

class HubClient {
 public:
  /// All outlive it.
  HubClient(const HubSettings& settings, Log& log, Waiter& waiter);

  /// The commit that a revision names.
  HubResult<std::string> commit(const Repo& repo, const std::string& revision,
                                const Patience& patience, const std::stop_token& stop);
  /// When a commit was made. Asked once, and for what is worth having only: a failure is no fault
  /// of the repository.
  HubResult<std::chrono::system_clock::time_point> commit_date(const Repo& repo,
                                                               const std::string& commit,
                                                               const std::stop_token& stop);
  /// Every file at a commit, over all pages.
  HubResult<Tree> tree(const Repo& repo, const std::string& commit, const Patience& patience,
                       const std::stop_token& stop);
  /// The commit of a revision by HEAD of any file; one that is not there tells it, too.
  HubResult<std::string> head_commit(const Repo& repo, const std::string& revision,
                                     const std::string& path, const Patience& patience,
                                     const std::stop_token& stop);
  /// Asks once for a file's bytes from `first` on.
  Attempt body(const Repo& repo, const std::string& commit, const std::string& path,
               std::uint64_t first, BodySink& sink, const std::stop_token& stop);

  /// Waits as the attempt asks, or as its number says; says so in the log. The error where nothing
  /// is to be waited for: stopped, or too long.
  HubResult<void> wait_before_retry(const Attempt& attempt, int retry, const std::stop_token& stop);

 private:
  struct Question;
  struct Answer;
  Attempt ask(const Question& question, Answer& answer, const std::stop_token& stop);
  /// Whether `attempt`, number `retry` (from 1), is to be made again; waits before it if so. The
  /// error where it is not, or where a stop ends the wait.
  HubResult<void> before_retry(const Attempt& attempt, int retry, const Patience& patience,
                               const std::stop_token& stop);
  HubResult<Answer> ask_patiently(const Question& question, const Patience& patience,
                                  const std::stop_token& stop);
  HttpRequest request_to(const Question& question, Answer& answer, bool at_hub,
                         const std::string& trace) const;
  static Attempt broken_off(const Question& question, const Answer& answer,
                            const TransferError& error);
  /// Moves the answer's address to where a redirect leads; an attempt where it is not to be
  /// followed.
  std::optional<Attempt> follow(const Question& question, Answer& answer, bool at_hub) const;
  Question resolve(const Repo& repo, const std::string& revision, const std::string& path) const;

  const HubSettings& settings_;
  Log& log_;
  Waiter& waiter_;
  std::string origin_;
  HttpClient http_;
};

}  // namespace clairscore::hub
