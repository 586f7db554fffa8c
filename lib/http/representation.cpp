// A part is always one of the plain bytes: a client that asks for one is given it unpacked. So If-Range with
// the validator of the packed form matches nothing here, and its client gets all anew, as it must.
#include "http/representation.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/gzip.h"
#include "base/problem.h"
#include "http/byte_range.h"
#include "http/fields.h"
#include "http/open_file.h"
#include "http/problem_document.h"

namespace aforro::http {
namespace {

constexpr std::size_t kMinGzipBytes = 1024;
constexpr std::size_t kPieceBytes = 64 * 1024;

// The weight of an element of Accept-Encoding, "gzip;q=0.5", is 0 (RFC 9110, 12.4.2).
bool is_refused(std::string_view parameters) {
  const std::size_t equals = parameters.find('=');
  if (equals == std::string_view::npos || !same_word(trim_blanks(parameters.substr(0, equals)), "q"))
    return false;
  const std::string_view weight = trim_blanks(parameters.substr(equals + 1));
  return weight.starts_with('0') && weight.find_first_not_of("0.") == std::string_view::npos;
}

bool accepts_gzip(const Request& request) {
  std::optional<bool> by_name;
  std::optional<bool> by_star;
  for_each_element(request.headers, "Accept-Encoding", [&](std::string_view part) {
    const std::size_t semicolon = std::min(part.find(';'), part.size());
    const std::string_view coding = trim_blanks(part.substr(0, semicolon));
    const bool is_accepted = semicolon == part.size() || !is_refused(trim_blanks(part.substr(semicolon + 1)));
    if (same_word(coding, "gzip") || same_word(coding, "x-gzip")) by_name = is_accepted;
    if (coding == "*") by_star = is_accepted;
  });
  return by_name.value_or(by_star.value_or(false));
}

// `etag` without quotes. The packed form has a validator of its own (RFC 9110, 8.8.3); the client may have
// either.
bool is_known_to_client(const Request& request, const std::string& etag) {
  bool known = false;
  for_each_element(request.headers, "If-None-Match", [&](std::string_view part) {
    if (part.starts_with("W/")) part.remove_prefix(2);
    known = known || part == "*" || part == '"' + etag + '"' || part == '"' + etag + "-gzip\"";
  });
  return known;
}

// Some bytes of a file, from the disk as the client takes them.
class FileStream final : public BodyStream {
 public:
  FileStream(std::shared_ptr<const OpenFile> file, std::uint64_t first, std::uint64_t count)
      : file_(std::move(file)), position_(first), left_(count) {}

  Piece next() override {
    std::string bytes =
        file_->read(position_, static_cast<std::size_t>(std::min<std::uint64_t>(left_, kPieceBytes)));
    position_ += bytes.size();
    left_ -= bytes.size();
    return {.bytes = std::move(bytes), .is_last = left_ == 0};
  }

 private:
  const std::shared_ptr<const OpenFile> file_;
  std::uint64_t position_;
  std::uint64_t left_;
};

std::uint64_t size_of(const Response& response) {
  if (response.file) return response.file->size();
  return response.body ? response.body->size() : 0;
}

// What is asked for, where a part may be given of this answer at all, and is wanted of this state of it.
ByteRange wanted_range(const Request& request, const Response& response) {
  if (!response.takes_ranges || request.method != "GET" || response.status != 200) return {};
  const auto condition = request.header("If-Range");
  if (condition && (response.etag.empty() || *condition != '"' + response.etag + '"')) return {};
  return parse_range(request.header("Range").value_or(""), size_of(response));
}

void give_part(Response& response, const ByteRange& range) {
  response.status = 206;
  response.headers.emplace_back("Content-Range", "bytes " + std::to_string(range.first) + "-" +
                                                     std::to_string(range.first + range.count - 1) + "/" +
                                                     std::to_string(size_of(response)));
  if (response.body) {
    response.body = std::make_shared<const std::string>(
        response.body->substr(static_cast<std::size_t>(range.first), static_cast<std::size_t>(range.count)));
  }
}

void give_file(Response& response, const ByteRange& range) {
  const bool is_part = range.fit == ByteRange::Fit::part;
  response.stream_bytes = is_part ? range.count : response.file->size();
  response.stream = std::make_shared<FileStream>(std::exchange(response.file, nullptr), range.first,
                                                 *response.stream_bytes);
}

void refuse_range(const Request& request, Response& response) {
  const std::uint64_t size = size_of(response);
  response = problem_response(
      Problem(Problem::Kind::range_not_satisfiable,
              "There are " + std::to_string(size) + " bytes, and none where Range asks for some."),
      request.id);
  response.headers.emplace_back("Content-Range", "bytes */" + std::to_string(size));
}

void drop_body(Response& response) {
  response.status = 304;
  response.body.reset();
  response.stream.reset();
  response.file.reset();
  response.content_type.clear();
}

void add_etag(Response& response, std::string_view suffix) {
  if (!response.etag.empty())
    response.headers.emplace_back("ETag", '"' + response.etag + std::string(suffix) + '"');
}

}  // namespace

void choose_representation(const Request& request, Response& response) {
  const ByteRange range = wanted_range(request, response);
  const bool is_packed = range.fit == ByteRange::Fit::whole && response.body &&
                         response.body->size() > kMinGzipBytes && !response.holds_secret &&
                         accepts_gzip(request);
  if (response.takes_ranges) response.headers.emplace_back("Accept-Ranges", "bytes");
  if (!response.etag.empty() && is_known_to_client(request, response.etag)) {
    drop_body(response);
  } else if (range.fit == ByteRange::Fit::outside) {
    return refuse_range(request, response);
  } else if (is_packed) {
    response.body = response.gzipped_body ? response.gzipped_body()
                                          : std::make_shared<const std::string>(gzip(*response.body));
    response.headers.emplace_back("Content-Encoding", "gzip");
  } else {
    if (range.fit == ByteRange::Fit::part) give_part(response, range);
    if (response.file) give_file(response, range);
  }
  add_etag(response, is_packed ? "-gzip" : "");
}

}  // namespace aforro::http
