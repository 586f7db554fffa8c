#include "http/message.h"

#include <algorithm>
#include <array>

#include "base/percent_encoding.h"
#include "http/fields.h"

namespace aforro::http {
namespace {

std::string decode_query(std::string_view text) {
  std::string spaced(text);
  std::replace(spaced.begin(), spaced.end(), '+', ' ');
  return percent_decode(spaced);
}

Response with_body(int status, std::string_view content_type, std::string body) {
  Response response;
  response.status = status;
  response.content_type = content_type;
  response.body = std::make_shared<const std::string>(std::move(body));
  return response;
}

std::size_t bytes_of(const std::string& text) { return text.capacity(); }

std::size_t bytes_of(const HeaderList& list) {
  std::size_t bytes = list.capacity() * sizeof list.front();
  for (const auto& [name, value] : list) bytes += bytes_of(name) + bytes_of(value);
  return bytes;
}

}  // namespace

std::optional<std::string_view> find_header(const HeaderList& headers, std::string_view name) {
  for (const auto& [key, value] : headers) {
    if (same_word(key, name)) return value;
  }
  return std::nullopt;
}

std::size_t head_bytes(const Request& request) {
  return sizeof request + bytes_of(request.method) + bytes_of(request.path) + bytes_of(request.query) +
         bytes_of(request.headers);
}

ParameterList parse_parameters(std::string_view text) {
  ParameterList parameters;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('&'), text.size());
    const std::string_view pair = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (pair.empty()) continue;
    const std::size_t equals = pair.find('=');
    const std::string_view value =
        equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1);
    parameters.emplace_back(decode_query(pair.substr(0, equals)), decode_query(value));
  }
  return parameters;
}

void parse_target(std::string_view target, std::string& path, ParameterList& query) {
  target = target.substr(0, target.find('#'));
  const std::size_t mark = std::min(target.find('?'), target.size());
  path = target.substr(0, mark);
  query = parse_parameters(target.substr(std::min(mark + 1, target.size())));
}

Response stream_response(std::string_view content_type, std::shared_ptr<BodyStream> stream) {
  Response response;
  response.content_type = content_type;
  response.stream = std::move(stream);
  return response;
}

Response file_response(std::string_view content_type, std::shared_ptr<const OpenFile> file) {
  Response response;
  response.content_type = content_type;
  response.file = std::move(file);
  response.takes_ranges = true;
  return response;
}

Response json_response(int status, std::string json) {
  return with_body(status, "application/json", std::move(json));
}

Response html_response(int status, std::string html) {
  return with_body(status, "text/html; charset=utf-8", std::move(html));
}

bool is_known_method(std::string_view method) {
  static constexpr std::array<std::string_view, 9> kMethods{"GET",    "HEAD",    "POST",  "PUT",    "PATCH",
                                                            "DELETE", "OPTIONS", "TRACE", "CONNECT"};
  return std::find(kMethods.begin(), kMethods.end(), method) != kMethods.end();
}

}  // namespace aforro::http
