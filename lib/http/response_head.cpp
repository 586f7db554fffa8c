#include "http/response_head.h"

#include <array>
#include <ctime>
#include <string_view>

namespace aforro::http {
namespace {

constexpr std::string_view kLineEnd = "\r\n";

// Made once a second and thread.
std::string_view http_date() {
  thread_local std::time_t last = 0;
  thread_local std::array<char, 64> text{};
  thread_local std::size_t size = 0;
  const std::time_t now = std::time(nullptr);
  if (now != last) {
    std::tm parts{};
    ::gmtime_r(&now, &parts);
    size = std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
    last = now;
  }
  return {text.data(), size};
}

// Those of RFC 9110, 15, and RFC 6585, which clients pass over.
std::string_view reason_phrase(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 204:
      return "No Content";
    case 206:
      return "Partial Content";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 416:
      return "Range Not Satisfiable";
    case 422:
      return "Unprocessable Content";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    default:
      return "Internal Server Error";
  }
}

}  // namespace

bool has_no_body(int status) { return status == 204 || status == 304; }

std::string response_head(const Response& response, After after, bool understands_chunks) {
  std::string head;
  head.reserve(512);
  const auto add = [&](std::string_view name, std::string_view value) {
    head.append(name).append(": ").append(value).append(kLineEnd);
  };
  head.append("HTTP/1.1 ").append(std::to_string(response.status)).append(" ");
  head.append(reason_phrase(response.status)).append(kLineEnd);
  add("Date", http_date());
  add("Connection", after == After::keep_alive ? "keep-alive" : "close");
  if (!response.content_type.empty()) add("Content-Type", response.content_type);
  if (response.stream_bytes) {
    add("Content-Length", std::to_string(*response.stream_bytes));
  } else if (response.stream) {
    if (understands_chunks) add("Transfer-Encoding", "chunked");
  } else if (!has_no_body(response.status)) {
    add("Content-Length", std::to_string(response.body ? response.body->size() : 0));
  }
  for (const auto& [name, value] : response.headers) add(name, value);
  head.append(kLineEnd);
  return head;
}

}  // namespace aforro::http
