#include "hub/hub_client.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <random>
#include <utility>
#include <vector>

#include "hub/header_values.h"
#include "hub/status_fault.h"
#include "hub/url.h"

namespace clairscore::hub {

namespace {

constexpr int kMostRedirects = 10;
constexpr std::size_t kMostPages = 10'000;
/// Of an answer about one commit: its message may be long.
constexpr std::size_t kMostCommitBytes = std::size_t{1} << 20U;
/// Where a mirror may send a HEAD on to; they do not hear the token unless they are the endpoint.
constexpr std::array<std::string_view, 3> kHubOrigins = {
    "https://huggingface.co:443", "https://hf.co:443", "https://hub-ci.huggingface.co:443"};

std::string uuid() {
  thread_local std::random_device device;
  const auto word = [&] { return static_cast<unsigned>(device()); };
  return fmt::format("{:08x}-{:04x}-4{:03x}-{:04x}-{:08x}{:04x}", word(), word() & 0xFFFFU,
                     word() & 0xFFFU, (word() & 0x3FFFU) | 0x8000U, word(), word() & 0xFFFFU);
}

bool is_redirect(const HttpHead& head) {
  return (head.status == 301 || head.status == 302 || head.status == 303 || head.status == 307 ||
          head.status == 308) &&
         head.header("location").has_value();
}

HubError transfer_fault(const TransferError& error, const std::string& url) {
  if (error.fault == TransferFault::kStopped) return make_error(Fault::kStopped, "stopped", {});
  return make_error(Fault::kUnreachable, "the Hub cannot be reached: " + error.message,
                    shown_url(url), "a connection to it, or the files in the cache");
}

HubError not_a_hub(const std::string& what, const std::string& url) {
  return make_error(Fault::kNotAHub, "not the answer of a Hub: " + what, shown_url(url),
                    "HF_ENDPOINT of a Hub; a proxy or portal in between may have answered");
}

Attempt refusal(HubError error) {
  Attempt attempt;
  attempt.error = std::move(error);
  return attempt;
}

/// What a redirect of /resolve to a file host lacks of the commit, the content's name and its size.
std::optional<HubError> unnamed(const HttpHead& head, const std::string& url) {
  const auto commit = head.header("x-repo-commit");
  if (!commit || !is_commit_hash(*commit)) return not_a_hub("no X-Repo-Commit", url);
  const auto etag = head.header("x-linked-etag");
  if (!etag || !content_etag(*etag)) return not_a_hub("no X-Linked-Etag that names content", url);
  const auto size = head.header("x-linked-size");
  if (!size || !whole_number(*size)) return not_a_hub("no X-Linked-Size", url);
  return std::nullopt;
}

}  // namespace

std::chrono::milliseconds backoff(int retry, Waiter& waiter) {
  const int seconds = std::min(8, 1 << std::min(retry - 1, 3));
  return std::chrono::milliseconds(
      static_cast<std::int64_t>(seconds * 1000 * (0.75 + 0.5 * waiter.random())));
}

struct HubClient::Question {
  bool head_only = false;
  std::string url;
  std::string subject;         // for messages
  std::string range;           // a Range header's value, or empty
  bool to_file_host = false;   // follow a redirect that leaves the Hub
  bool to_commit = false;      // any answer that tells the commit will do
  std::size_t most_bytes = 0;  // of a body that is kept
  BodySink* sink = nullptr;    // takes the body instead
};

struct HubClient::Answer {
  HttpHead head;   // the last answer, whatever its status
  HttpHead named;  // the Hub's last answer: its headers name commit and content
  std::string url;
  std::string body;
};

HubClient::HubClient(const HubSettings& settings, Log& log, Waiter& waiter)
    : settings_(settings),
      log_(log),
      waiter_(waiter),
      origin_(origin_of(settings.endpoint).value_or("")),
      http_(settings.proxies, settings.ca_file) {}

Attempt HubClient::ask(const Question& question, Answer& answer, const std::stop_token& stop) {
  const std::string trace = "X-Amzn-Trace-Id: " + uuid();
  answer.url = question.url;
  for (int hop = 0; hop <= kMostRedirects; ++hop) {
    answer.head = {};
    answer.body.clear();
    const bool at_hub = origin_of(answer.url) == origin_;
    const auto exchanged = http_.exchange(request_to(question, answer, at_hub, trace), stop);
    if (!exchanged) return broken_off(question, answer, exchanged.error());
    if (is_redirect(answer.head)) {
      if (auto ended = follow(question, answer, at_hub)) return std::move(*ended);
      continue;
    }
    Attempt attempt;
    attempt.status = answer.head.status;
    attempt.complete = answer.head.status / 100 == 2;
    if (attempt.complete) return attempt;
    attempt.wait = asked_wait(answer.head, waiter_.now());
    attempt.error =
        status_fault(answer.head, question.subject, answer.url, at_hub && !settings_.token.empty());
    // A file host refuses an address that has expired; the Hub gives a new one.
    attempt.again = is_transient(answer.head.status) || !at_hub;
    return attempt;
  }
  return refusal(make_error(Fault::kBadAnswer, "redirects without end: " + question.subject,
                            shown_url(question.url)));
}

HttpRequest HubClient::request_to(const Question& question, Answer& answer, bool at_hub,
                                  const std::string& trace) const {
  HttpRequest request;
  request.head_only = question.head_only;
  request.url = answer.url;
  request.headers = {trace};
  if (!question.range.empty()) request.headers.push_back("Range: " + question.range);
  if (at_hub && !settings_.token.empty()) {
    request.headers.push_back("Authorization: Bearer " + settings_.token);
  }
  request.connect_timeout = settings_.etag_timeout;
  request.idle_timeout =
      question.sink != nullptr ? settings_.download_timeout : settings_.etag_timeout;
  const auto wanted = [&answer] { return answer.head.status == 200 || answer.head.status == 206; };
  request.on_head = [&question, &answer, at_hub, wanted](const HttpHead& head) {
    answer.head = head;
    if (at_hub) answer.named = head;
    return !wanted() || question.sink == nullptr || question.sink->begin(head);
  };
  request.on_body = [&question, &answer, wanted](ByteSpan bytes) {
    if (!wanted()) return true;  // an error's page
    if (question.sink != nullptr) return question.sink->write(bytes);
    if (answer.body.size() + bytes.size() > question.most_bytes) return false;
    answer.body += as_text(bytes);
    return true;
  };
  return request;
}

Attempt HubClient::broken_off(const Question& question, const Answer& answer,
                              const TransferError& error) {
  Attempt attempt = refusal(transfer_fault(error, answer.url));
  attempt.status = answer.head.status;
  attempt.aborted = error.fault == TransferFault::kAborted;
  attempt.again = error.fault != TransferFault::kStopped && !attempt.aborted;
  if (attempt.aborted) {
    attempt.error =
        make_error(Fault::kBadAnswer, "an answer that is too large: " + question.subject,
                   shown_url(answer.url));
  }
  return attempt;
}

std::optional<Attempt> HubClient::follow(const Question& question, Answer& answer,
                                         bool at_hub) const {
  const HttpHead& head = answer.head;
  Attempt done;
  done.complete = true;
  done.status = head.status;
  const bool has_commit = head.header("x-repo-commit").has_value();
  if (at_hub && question.to_commit && has_commit) return done;
  const auto target = resolve_location(answer.url, std::string(*head.header("location")));
  const auto origin = target ? origin_of(*target) : std::nullopt;
  const bool was_secure = origin_of(answer.url).value_or("").starts_with("https:");
  if (!origin || (was_secure && !origin->starts_with("https:"))) {
    return refusal(make_error(Fault::kBadAnswer, "a redirect that leads nowhere safe",
                              shown_url(answer.url), "an http or https address"));
  }
  if (origin != origin_) {
    const bool named = has_commit || head.header("x-linked-etag");
    const bool other_hub =
        std::find(kHubOrigins.begin(), kHubOrigins.end(), *origin) != kHubOrigins.end();
    // The metadata is here; the file is elsewhere, and whoever has it hears no question of ours.
    if (!question.to_file_host && (named || !other_hub)) return done;
    if (at_hub && question.to_file_host) {
      // What a file host sends is only as good as the name the Hub gives it.
      if (auto complaint = unnamed(head, answer.url)) return refusal(std::move(*complaint));
    }
  }
  answer.url = *target;
  return std::nullopt;
}

HubResult<void> HubClient::wait_before_retry(const Attempt& attempt, int retry,
                                             const std::stop_token& stop) {
  if (attempt.wait && *attempt.wait > kLongestWait) return fail(attempt.error);
  const std::chrono::milliseconds wait = attempt.wait ? *attempt.wait : backoff(retry, waiter_);
  log_.warning(fmt::format("{}; again in {:.1f} s ({} of {})", to_string(attempt.error.error),
                           static_cast<double>(wait.count()) / 1000, retry, kMostRetries));
  if (waiter_.wait(wait, stop)) return {};
  return fail(make_error(Fault::kStopped, "stopped", {}));
}

HubResult<void> HubClient::before_retry(const Attempt& attempt, int retry, const Patience& patience,
                                        const std::stop_token& stop) {
  if (!attempt.again || retry > patience.retries) return fail(attempt.error);
  if (patience.waits) patience.waits(attempt.error);
  return wait_before_retry(attempt, retry, stop);
}

HubResult<HubClient::Answer> HubClient::ask_patiently(const Question& question,
                                                      const Patience& patience,
                                                      const std::stop_token& stop) {
  for (int retry = 1;; ++retry) {
    Answer answer;
    const Attempt attempt = ask(question, answer, stop);
    if (attempt.complete) return answer;
    RETURN_IF_ERROR(before_retry(attempt, retry, patience, stop));
  }
}

HubResult<std::string> HubClient::commit(const Repo& repo, const std::string& revision,
                                         const Patience& patience, const std::stop_token& stop) {
  Question question;
  question.url =
      settings_.endpoint + repo.api_path() + "/revision/" + percent_encode(revision, false);
  question.subject = repo.text() + " at " + revision;
  question.most_bytes = kMostTreePageBytes;
  ASSIGN_OR_RETURN(const Answer answer, ask_patiently(question, patience, stop));
  auto sha = parse_revision(answer.body);
  if (!sha) return fail(not_a_hub(sha.error().what, answer.url));
  return std::move(*sha);
}

HubResult<std::chrono::system_clock::time_point> HubClient::commit_date(
    const Repo& repo, const std::string& commit, const std::stop_token& stop) {
  Question question;
  question.url = settings_.endpoint + repo.api_path() + "/commits/" + commit + "?limit=1";
  question.subject = "the date of " + repo.text() + " at " + commit.substr(0, 12);
  question.most_bytes = kMostCommitBytes;
  ASSIGN_OR_RETURN(const Answer answer, ask_patiently(question, {}, stop));
  const auto date = parse_commit_date(answer.body, commit);
  if (!date) {
    return fail(make_error(Fault::kBadAnswer, date.error().what + ": " + question.subject,
                           shown_url(answer.url), date.error().accepted));
  }
  return *date;
}

HubResult<Tree> HubClient::tree(const Repo& repo, const std::string& commit,
                                const Patience& patience, const std::stop_token& stop) {
  Question question;
  question.url = settings_.endpoint + repo.api_path() + "/tree/" + percent_encode(commit, false) +
                 "?recursive=true";
  question.subject = "files of " + repo.text() + " at " + commit;
  question.most_bytes = kMostTreePageBytes;
  Tree tree;
  const auto unreadable = [&](const Error& error) {
    return make_error(Fault::kBadAnswer, error.what + ": " + question.subject, error.where,
                      error.accepted);
  };
  for (std::size_t page = 0; page < kMostPages; ++page) {
    ASSIGN_OR_RETURN(const Answer answer, ask_patiently(question, patience, stop));
    if (auto read = append_tree_page(answer.body, tree); !read) {
      return fail(unreadable(read.error()));
    }
    const auto link = answer.head.header("link");
    const auto next = link ? next_link(*link) : std::nullopt;
    if (!next) {
      if (auto done = finish_tree(tree); !done) return fail(unreadable(done.error()));
      return tree;
    }
    const auto url = resolve_location(answer.url, *next);
    if (!url || origin_of(*url) != origin_) {
      return fail(make_error(Fault::kBadAnswer, "the next page lies elsewhere: " + question.subject,
                             shown_url(url.value_or(*next)), "a page of the same Hub"));
    }
    question.url = *url;
  }
  return fail(make_error(Fault::kBadAnswer, "pages without end: " + question.subject, {}));
}

HubClient::Question HubClient::resolve(const Repo& repo, const std::string& revision,
                                       const std::string& path) const {
  Question question;
  question.url = settings_.endpoint + repo.web_path() + "/resolve/" +
                 percent_encode(revision, false) + "/" + percent_encode(path, true);
  question.subject = repo.text() + ", " + path + " at " + revision;
  return question;
}

HubResult<std::string> HubClient::head_commit(const Repo& repo, const std::string& revision,
                                              const std::string& path, const Patience& patience,
                                              const std::stop_token& stop) {
  Question question = resolve(repo, revision, path);
  question.head_only = true;
  question.to_commit = true;
  for (int retry = 1;; ++retry) {
    Answer answer;
    const Attempt attempt = ask(question, answer, stop);
    const auto commit = answer.named.header("x-repo-commit");
    const bool tells = attempt.complete || attempt.error.fault == Fault::kEntryNotFound;
    if (tells && commit && is_commit_hash(*commit)) return std::string(*commit);
    if (tells) return fail(not_a_hub("no X-Repo-Commit", answer.url));
    RETURN_IF_ERROR(before_retry(attempt, retry, patience, stop));
  }
}

Attempt HubClient::body(const Repo& repo, const std::string& commit, const std::string& path,
                        std::uint64_t first, BodySink& sink, const std::stop_token& stop) {
  Question question = resolve(repo, commit, path);
  question.to_file_host = true;
  question.sink = &sink;
  if (first > 0) question.range = "bytes=" + std::to_string(first) + "-";
  Answer answer;
  Attempt attempt = ask(question, answer, stop);
  if (attempt.aborted) attempt.error = {};
  return attempt;
}

}  // namespace clairscore::hub
