#pragma once

// A Hub for tests, on two loopback ports (the Hub and its file host), whose answers can be spoiled.
// Serves repositories made by commit(); a rule changes what is answered to the requests it matches.
// Thread-safe; ends with its connections when destroyed.

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "hub/repo.h"

namespace clairscore::hub {

struct TestFile {
  std::string content;
  bool large = false;  // kept at the file host, named by sha256
};
using TestFiles = std::map<std::string, TestFile>;

/// The name of a file's content, as the Hub has it.
std::string oid_of(const TestFile& file);

enum class Side { kHub, kFiles };

struct Received {
  Side side = Side::kHub;
  std::string method;
  std::string target;
  std::map<std::string, std::string> headers;  // names in lower case
  std::string header(const std::string& name) const;
};

enum class Ending {
  kKeep,   // as HTTP has it
  kClose,  // the connection ends after `sent` bytes of the body
  kReset,  // with a TCP reset
  kStall,  // nothing more comes, until the client or the test ends
};

struct Reply {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  bool chunked = false;            // no Content-Length
  std::optional<std::string> raw;  // instead of all the above
  Ending ending = Ending::kKeep;
  std::size_t sent = 0;  // of the body, when it is not kept whole
  bool silent = false;   // not even a head comes

  Reply& with(const std::string& name, const std::string& value);
  Reply& without(const std::string& name);
  std::string header(const std::string& name) const;
};

/// Makes the answer out of the one that would be sent.
using Spoil = std::function<Reply(const Received& request, Reply usual)>;

class FaultHub {
 public:
  FaultHub();
  FaultHub(const FaultHub&) = delete;
  FaultHub& operator=(const FaultHub&) = delete;
  ~FaultHub();

  std::string endpoint() const;   // "http://127.0.0.1:PORT"
  std::string file_host() const;  // the same of the file host

  /// Adds a commit and moves the ref there.
  std::string commit(const Repo& repo, const TestFiles& files, const std::string& ref = "main");

  /// When the Hub says that a commit was made: each an hour after the repository's one before.
  std::chrono::system_clock::time_point made_at(const Repo& repo, const std::string& commit) const;

  /// Spoils the next `times` requests whose "METHOD target" contains `part`. Rules are tried in
  /// order; one that is used up no longer matches.
  void spoil(Side side, std::string part, int times, Spoil how);
  void clear_rules();

  std::vector<Received> requests() const;
  std::size_t count(Side side, const std::string& part) const;
  void forget_requests();
  /// Waits until so many requests matching have come.
  void wait_for(Side side, const std::string& part, std::size_t count) const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

inline constexpr int kAlways = 1'000'000;

// Common ways to spoil.
Spoil answer_status(int status, std::vector<std::pair<std::string, std::string>> headers = {});
Spoil cut_body(std::size_t sent, Ending ending);
Spoil change_body(std::function<void(std::string& body)> change);
Spoil drop_header(std::string name);

}  // namespace clairscore::hub
