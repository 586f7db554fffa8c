// The requests of one client, as cpp-httplib reads and answers them: what the transport of systems without
// epoll(7) does on a thread for each connection.
#pragma once

#include <atomic>
#include <exception>

#include "base/event.h"
#include "base/function_ref.h"
#include "http/dispatcher.h"
#include "http/spool.h"
#include "http/waiting_client.h"

namespace aforro::http {

// Answers one request after another, as long as `wait_for_request` says that another has begun, to the last
// on this connection. Once `stopping` is set, the next answer is the last; `stop`, set after it, ends streams
// that wait. Large bodies go to `spool`, which may be null.
void serve_requests(WaitingClient& client, const Dispatcher& dispatcher, const std::atomic<bool>& stopping,
                    const Event& stop, Spool* spool, FunctionRef<bool()> wait_for_request);

// Sends a refusal as the last answer of a connection.
void refuse_client(WaitingClient& client, const Dispatcher& dispatcher, Request& request,
                   const std::exception_ptr& fault);

}  // namespace aforro::http
