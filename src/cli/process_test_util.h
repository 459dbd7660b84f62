#pragma once

// Runs the built binary as a user would, for tests.

#include <string>
#include <vector>

namespace clairscore {

struct Finished {
  int exit_code = -1;  // 128 + signal when a signal ended it
  std::string out;
  std::string err;
  long peak_kibibytes = 0;  // resident; of run_clairscore() and its kin
};

/// Runs clairscore with these arguments, standard input from `input`, and waits for it. The
/// environment holds PATH, HOME and `variables` ("NAME=value") only.
Finished run_clairscore(const std::vector<std::string>& arguments, const std::string& input = {},
                        const std::vector<std::string>& variables = {});

/// The same with so many seconds of processor time; SIGXCPU ends it after them.
Finished run_clairscore_within(unsigned seconds, const std::vector<std::string>& arguments);

/// The same as another user, which only root can do.
Finished run_clairscore_as(unsigned user, const std::vector<std::string>& arguments,
                           const std::vector<std::string>& variables);

/// A running `clairscore`, ended by SIGKILL if it is still there when this goes.
class Running {
 public:
  explicit Running(const std::vector<std::string>& arguments,
                   const std::vector<std::string>& variables = {});
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;
  ~Running();

  void send_signal(int number) const;
  /// Waits for its end, at most 60 seconds.
  Finished wait();
  /// Status of GET path on a loopback port; 0 when nothing answers.
  static int get_status(int port, const std::string& path);

 private:
  int pid_ = -1;
  std::string out_path_;
  std::string err_path_;
};

/// A loopback port that was free a moment ago.
int free_port();

}  // namespace clairscore
