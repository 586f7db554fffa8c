// Refusals as HTTP says them: `application/problem+json` (RFC 9457), and the table of all kinds, each with a
// short page under /problems/.
#pragma once

#include <cstddef>
#include <exception>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/problem.h"
#include "http/message.h"

namespace aforro::http {

inline constexpr std::size_t kMaxRefusalBytes = 64 * 1024;

struct ProblemType {
  int status;
  std::string_view slug;  // "/problems/<slug>" is its stable name
  std::string_view title;
  std::string_view explanation;  // for the page: what it means and what to do
};

std::span<const ProblemType> problem_types();

// The type for a status, the general one where there are several; the one for 500 if there is none of its
// own.
const ProblemType& problem_type(int status);
const ProblemType& problem_type(Problem::Kind kind);

// What HTTP itself refuses, before a handler is asked or by what a handler finds in the message.
class HttpError : public std::exception {
 public:
  HttpError(int status, std::string detail, HeaderList headers = {}, Faults faults = {})
      : status_(status),
        detail_(std::move(detail)),
        headers_(std::move(headers)),
        faults_(std::move(faults)) {}
  int status() const { return status_; }
  const std::string& detail() const { return detail_; }
  const HeaderList& headers() const { return headers_; }
  const Faults& faults() const { return faults_; }  // what else is wrong with the message
  const char* what() const noexcept override { return detail_.c_str(); }

 private:
  int status_;
  std::string detail_;
  HeaderList headers_;
  Faults faults_;
};

// None is longer than kMaxRefusalBytes, whatever was asked: texts that are too long are cut.
Response problem_response(const ProblemType& type, std::string_view detail, std::string_view request_id);
Response problem_response(const Problem& problem, std::string_view request_id);
Response problem_response(const HttpError& error, std::string_view request_id);

}  // namespace aforro::http
