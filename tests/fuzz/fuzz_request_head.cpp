// A head that is accepted means one thing only: written out again it is read the same, where its body ends is
// beyond doubt, and whatever it asks for gets an answer that is one answer. The rest is refused with a status
// that the contract knows.
#include <fcntl.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/log.h"
#include "base/percent_encoding.h"
#include "base/text.h"
#include "fuzz.h"
#include "http/dispatcher.h"
#include "http/fields.h"
#include "http/problem_document.h"
#include "http/request_head.h"
#include "http/transport.h"

namespace {

using namespace aforro::http;  // NOLINT: most of it
using aforro::fuzz::require;

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F; });
}

void check_request(const Request& request) {
  require(is_token(request.method));
  require(request.path.starts_with('/') || request.method == "CONNECT" ||
          (request.method == "OPTIONS" && request.path == "*"));
  require(!has_control(request.path) && request.path.find_first_of(" ?#") == std::string::npos);
  int hosts = 0;
  for (const auto& [name, value] : request.headers) {
    require(is_token(name) && !has_control(value) && trim_blanks(value) == value);
    if (!same_word(name, "Host")) continue;
    ++hosts;
    require(value.empty() || is_host(value));
  }
  require(hosts <= 1);
}

std::string written(const Request& request) {
  std::string target = request.path;
  for (const auto& [name, value] : request.query) {
    target += target.find('?') == std::string::npos ? '?' : '&';
    target += aforro::percent_encode(name) + '=' + aforro::percent_encode(value);
  }
  const bool has_host = request.header("Host").has_value();
  std::string head = request.method + ' ' + target + (has_host ? " HTTP/1.1\r\n" : " HTTP/1.0\r\n");
  for (const auto& [name, value] : request.headers) head += name + ": " + value + "\r\n";
  return head + "\r\n";
}

void check_once_more(const Request& request, const RequestHead& head) {
  const std::string text = written(request);
  // What was only just short enough may not be any more.
  if (text.size() > kMaxTargetBytes || request.method == "CONNECT") return;
  if (!request.header("Host") && head.framing.is_chunked) return;
  Request again;
  const RequestHead other = parse_head(text, again);
  require(again.method == request.method && again.path == request.path);
  require(again.query == request.query && again.headers == request.headers);
  require(other.framing.is_chunked == head.framing.is_chunked);
  require(other.framing.content_bytes == head.framing.content_bytes);
}

const Dispatcher& dispatcher() {
  static const aforro::SystemClock clock;
  static aforro::Log log(::open("/dev/null", O_WRONLY | O_CLOEXEC), aforro::Log::Level::debug, clock);
  static const Router router = [] {
    Router routes;
    const auto page = [](const Request& request) { return json_response(200, '"' + request.client + '"'); };
    routes.add({"home", "GET", "/", kNoBody, page});
    routes.add({"order", "GET", "/orders/{id}", kNoBody, page});
    routes.add({"orders", "POST", "/orders", kJsonBody, page});
    return routes;
  }();
  static const aforro::limit::Limits limits;
  static const Dispatcher answering(
      router, log,
      [] {
        DispatcherOptions options;
        options.trusted_proxies.add("10.0.0.0/8");
        return options;
      }(),
      limits);
  return answering;
}

void check_answer(const Request& request, const Response& response) {
  require(response.status >= 200 && response.status <= 599 && response.status != 500);
  for (const auto& [name, value] : response.headers) require(is_token(name) && !has_control(value));
  require(!request.id.empty() && aforro::is_valid_utf8(request.id));
  const bool is_packed = find_header(response.headers, "Content-Encoding").has_value();
  if (response.body && !is_packed) require(nlohmann::json::accept(*response.body));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = aforro::fuzz::text_of(data, size);
  Request request;
  request.peer = "10.0.0.1";
  try {
    const RequestHead head = parse_head(text, request);
    require(!(head.framing.is_chunked && head.framing.content_bytes > 0));
    check_request(request);
    check_once_more(request, head);
    const auto at_once = dispatcher().begin(request, head.framing);
    check_answer(request, at_once ? *at_once : dispatcher().handle(request));
  } catch (const aforro::Problem& problem) {
    const int status = status_of(problem.kind());
    require(status == 400 || status == 414 || status == 431 || status == 501);
    check_answer(request, dispatcher().refuse(request, std::current_exception()));
  }
  return 0;
}
