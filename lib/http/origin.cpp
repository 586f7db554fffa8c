#include "http/origin.h"

#include <algorithm>

#include "http/fields.h"

namespace aforro::http {

std::optional<std::string> parse_origin(std::string_view text) {
  std::string origin(text);
  std::transform(origin.begin(), origin.end(), origin.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  if (origin.ends_with('/')) origin.pop_back();
  struct Scheme {
    std::string_view beginning;
    std::string_view own_port;
  };
  for (const Scheme& scheme : {Scheme{"http://", ":80"}, Scheme{"https://", ":443"}}) {
    if (!origin.starts_with(scheme.beginning)) continue;
    if (!is_host(std::string_view(origin).substr(scheme.beginning.size()))) return std::nullopt;
    if (origin.ends_with(scheme.own_port)) origin.resize(origin.size() - scheme.own_port.size());
    return origin;
  }
  return std::nullopt;
}

}  // namespace aforro::http
