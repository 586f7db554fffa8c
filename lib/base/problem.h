// A refusal as a value: what is wrong with what was asked, for the one who asked. There is one type for all
// of them, thrown from wherever the fault is noticed, in the shop or in the message that carries a request,
// and turned into an answer at the edge. Texts are shown to strangers and must never carry anything of the
// inside (SQL, file names, stacks).
#pragma once

#include <array>
#include <chrono>
#include <exception>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/faults.h"

namespace aforro {

class Problem : public std::exception {
 public:
  enum class Kind {
    invalid,             // the input must be changed
    unauthorized,        // the client must say who it is
    forbidden,           // they are known, and may not
    not_found,           // there is no such thing
    method_not_allowed,  // it is there, but not for this
    timed_out,           // the request did not arrive in time
    conflict,            // not in its present state
    body_too_large,
    target_too_long,
    range_not_satisfiable,  // a part is asked for that is not there
    unsupported_type,       // the body is of a kind that is not read here
    key_reused,             // the idempotency key belongs to another request
    rate_limited,           // later, after retry_after
    head_too_large,
    internal,         // the fault is ours
    not_implemented,  // nothing here can do that
    unavailable,      // nothing wrong with the request: try again, after retry_after
    unknown,          // it may have been done, or not: look, or send it again where that is safe
  };
  static constexpr std::array kAllKinds{Kind::invalid,
                                        Kind::unauthorized,
                                        Kind::forbidden,
                                        Kind::not_found,
                                        Kind::method_not_allowed,
                                        Kind::timed_out,
                                        Kind::conflict,
                                        Kind::body_too_large,
                                        Kind::target_too_long,
                                        Kind::range_not_satisfiable,
                                        Kind::unsupported_type,
                                        Kind::key_reused,
                                        Kind::rate_limited,
                                        Kind::head_too_large,
                                        Kind::internal,
                                        Kind::not_implemented,
                                        Kind::unavailable,
                                        Kind::unknown};

  Problem(Kind kind, std::string detail) : kind_(kind), detail_(std::move(detail)) {}
  Problem(Kind kind, std::string detail, Faults faults)
      : kind_(kind), detail_(std::move(detail)), faults_(std::move(faults)) {}
  Problem(Kind kind, std::string detail, std::chrono::seconds retry_after)
      : kind_(kind), detail_(std::move(detail)), retry_after_(retry_after) {}

  // An invalid request with all its faults, which must not be empty.
  static Problem invalid(Faults faults);
  static Problem not_found(std::string detail) { return {Kind::not_found, std::move(detail)}; }
  static Problem unavailable(std::string detail, std::chrono::seconds retry_after = std::chrono::seconds{1}) {
    return {Kind::unavailable, std::move(detail), retry_after};
  }
  static Problem outcome_unknown();

  // With one more fact, by name, for a program that has to know it: {"order_status", "EXPIRED"}.
  Problem with(std::string name, std::string value) && {
    facts_.emplace_back(std::move(name), std::move(value));
    return std::move(*this);
  }

  Kind kind() const { return kind_; }
  const std::string& detail() const { return detail_; }
  const Faults& faults() const { return faults_; }
  std::optional<std::chrono::seconds> retry_after() const { return retry_after_; }
  const std::vector<std::pair<std::string, std::string>>& facts() const { return facts_; }
  const char* what() const noexcept override { return detail_.c_str(); }

 private:
  Kind kind_;
  std::string detail_;
  Faults faults_;
  std::optional<std::chrono::seconds> retry_after_;
  std::vector<std::pair<std::string, std::string>> facts_;
};

// The stable name of a kind, "not-found", and its title in words.
std::string_view name_of(Problem::Kind kind);
std::string_view title_of(Problem::Kind kind);

// A fault of disk, memory or network that passes: the request was fine, nothing was done, and trying again
// makes sense. Unlike a Problem its text is for the log alone.
class Unavailable : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// So much is waiting for the same resource already that this request was refused at once.
class Overloaded : public Unavailable {
 public:
  using Unavailable::Unavailable;
};

// What was asked for may have been done, or not: the answer to a COMMIT was lost, say. No Unavailable, as
// trying again is right only for what may be done twice. Its text is for the log, too.
class OutcomeUnknown : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace aforro
