#include "support/expect.h"

#include <doctest/doctest.h>
#include <zlib.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "support/json.h"

namespace aforro::test {

using nlohmann::json;

std::string_view problem_path(int status) {
  switch (status) {
    case 400:
      return "/problems/invalid-request";
    case 404:
      return "/problems/not-found";
    case 405:
      return "/problems/method-not-allowed";
    case 408:
      return "/problems/request-timeout";
    case 409:
      return "/problems/conflict";
    case 413:
      return "/problems/payload-too-large";
    case 414:
      return "/problems/uri-too-long";
    case 415:
      return "/problems/unsupported-media-type";
    case 416:
      return "/problems/range-not-satisfiable";
    case 422:
      return "/problems/idempotency-key-reused";
    case 429:
      return "/problems/rate-limited";
    case 431:
      return "/problems/headers-too-large";
    case 500:
      return "/problems/internal";
    case 501:
      return "/problems/not-implemented";
    case 503:
      return "/problems/unavailable";
    default:
      throw std::logic_error("no problem has the status " + std::to_string(status));
  }
}

void check_problem(const HttpResponse& response, int status, int line, const char* file) {
  INFO("asked for at ", std::string(file), ":", line, ", answered ", response.status, " ",
       response.body.substr(0, 1000));
  CHECK(response.status == status);
  if (response.status != status) return;  // the rest would follow from that
  CHECK(response.header("Content-Type").value_or("none") == "application/problem+json");
  const json body = json::parse(response.body, nullptr, false);
  REQUIRE(body.is_object());
  CHECK(body.value("type", json()) == problem_path(status));
  CHECK(body.value("status", json()) == status);
  for (const std::string member : {"title", "detail"}) {
    CAPTURE(member);
    const json text = body.value(member, json());
    CHECK(!text.get<std::string>().empty());
  }
  const std::string id = response.header("X-Request-Id").value_or("");
  CHECK(!id.empty());
  CHECK(body.value("request_id", json()) == id);
  for (const std::string inside :
       {"SQL", "sqlite", "constraint", ".cpp", "std::", "nlohmann", ".db", "terminate"}) {
    CAPTURE(inside);
    CHECK(response.body.find(inside) == std::string::npos);
  }
}

void check_unavailable(const HttpResponse& response, int line, const char* file) {
  check_problem(response, 503, line, file);
  const std::string seconds = response.header("Retry-After").value_or("none");
  CAPTURE(seconds);
  CHECK(!seconds.empty());
  CHECK(seconds.find_first_not_of("0123456789") == std::string::npos);
}

void check_invalid(const HttpResponse& response, std::vector<std::string> places, int line,
                   const char* file) {
  check_problem(response, 400, line, file);
  INFO("asked for at ", std::string(file), ":", line, ", answered ", response.status, " ",
       response.body.substr(0, 1000));
  const json body = json::parse(response.body, nullptr, false);
  const json errors = body.is_object() ? body.value("errors", json::array()) : json::array();
  std::vector<std::string> found;
  for (const json& error : errors) {
    CHECK(error.value("detail", "") != "");
    const bool is_body = error.contains("pointer");
    CHECK(is_body != error.contains("parameter"));
    found.push_back(error.value(is_body ? "pointer" : "parameter", "neither"));
  }
  std::sort(found.begin(), found.end());
  std::sort(places.begin(), places.end());
  CHECK(json(found) == json(places));
}

bool is_time(std::string_view text) {
  constexpr std::string_view kForm = "0000-00-00T00:00:00.000000Z";
  return std::equal(text.begin(), text.end(), kForm.begin(), kForm.end(),
                    [](char c, char form) { return form == '0' ? c >= '0' && c <= '9' : c == form; });
}

std::string next_target(const HttpResponse& response, std::string_view server_url) {
  const auto link = response.header("Link");
  if (!link) return {};
  INFO("Link: ", *link);
  const std::size_t end = link->find('>');
  REQUIRE(end != std::string::npos);
  CHECK(link->substr(end) == ">; rel=\"next\"");
  REQUIRE(link->starts_with("<" + std::string(server_url) + "/"));
  return link->substr(1 + server_url.size(), end - 1 - server_url.size());
}

std::string gunzip(std::string_view bytes) {
  z_stream stream{};
  if (::inflateInit2(&stream, 16 + MAX_WBITS) != Z_OK) throw std::runtime_error("inflateInit2");
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  std::string result;
  int status = Z_OK;
  while (status == Z_OK) {
    char piece[16 * 1024];
    stream.next_out = reinterpret_cast<Bytef*>(piece);
    stream.avail_out = sizeof piece;
    status = ::inflate(&stream, Z_NO_FLUSH);
    result.append(piece, sizeof piece - stream.avail_out);
  }
  ::inflateEnd(&stream);
  if (status != Z_STREAM_END || stream.avail_in != 0) throw std::runtime_error("these bytes are not gzip");
  return result;
}

}  // namespace aforro::test
