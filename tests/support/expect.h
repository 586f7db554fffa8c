// What API.md says of every answer of a kind, checked at once. A failed check names the line of the test.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "support/http_client.h"

namespace aforro::test {

// The answer is a refusal with that status in the form of RFC 9457: its type the one of the status, every
// member there, the same request id in body and header, nothing of the inside in any text.
void check_problem(const HttpResponse& response, int status, int line = __builtin_LINE(),
                   const char* file = __builtin_FILE());

// It is a 503 that says after how many seconds to come again.
void check_unavailable(const HttpResponse& response, int line = __builtin_LINE(),
                       const char* file = __builtin_FILE());

// It is a 400 with exactly these faults in any order: JSON pointers ("/items/0", or "" for the whole body) or
// names of query parameters, with a detail each.
void check_invalid(const HttpResponse& response, std::vector<std::string> places, int line = __builtin_LINE(),
                   const char* file = __builtin_FILE());

// The path of "/problems/…" for a status.
std::string_view problem_path(int status);

// "2026-11-23T20:44:22.699193Z"
bool is_time(std::string_view text);

// The target that the Link header names as next, after checking that it is an absolute address of this
// server. Empty if there is none.
std::string next_target(const HttpResponse& response, std::string_view server_url);

std::string gunzip(std::string_view bytes);

}  // namespace aforro::test
