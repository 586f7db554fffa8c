// Load on a server of this machine: many keep-alive connections driven by few threads, so that the client
// leaves the processors to the server. Closed loop (each connection asks again once it is answered) or open
// loop (requests are due at a fixed rate, and late ones show).
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "support/latencies.h"
#include "support/load_connection.h"

namespace aforro::test {

enum class Verdict {
  counted,
  passed_over,  // a right answer, but not what is counted
  wrong,
};

struct Load {
  int port = 0;
  std::size_t connections = 32;
  std::size_t threads = 1;
  std::chrono::milliseconds warm_up{0};  // sent before anything is measured
  std::chrono::milliseconds duration = std::chrono::hours(1);
  std::size_t max_requests = std::numeric_limits<std::size_t>::max();
  std::optional<double> per_second = {};  // given: open loop

  // Appends request `number` (from 0, each once) as the bytes to be sent. Called from every thread.
  std::function<void(std::size_t number, std::string& to)> request;
  // What its answer is worth. Called from every thread.
  std::function<Verdict(std::size_t number, const Answer& answer)> judge;
};

struct LoadReport {
  double seconds = 0;  // measured
  std::size_t counted = 0;
  std::size_t passed_over = 0;
  std::size_t wrong = 0;  // or broken, or not answered within 10 s of the end
  std::string first_wrong;
  // From sending to the whole answer; in an open loop from the moment at which it was due to be sent, whether
  // or not a connection was free.
  Latencies latencies;
  std::size_t answered = 0;  // all, also before, after and wrong
  std::size_t reconnects = 0;
  double client_cpu_seconds = 0;  // for all that were answered

  double per_second() const { return seconds > 0 ? static_cast<double>(counted) / seconds : 0; }
};

// Runs it to its end. In a closed loop only what is answered within the duration counts for the rate.
LoadReport run_load(const Load& load);

// A request as it is sent: GET, or POST of JSON.
void append_get(std::string& to, std::string_view target);
void append_post(std::string& to, std::string_view target, std::string_view json);

// True for the answer to an order that was stored with this status.
bool is_order(const Answer& answer, std::string_view status);

}  // namespace aforro::test
