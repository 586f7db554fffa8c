// A body read whole by JsonBody, as the tree that another reader of JSON makes: what the two must agree on.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "http/json_body.h"

namespace aforro::test {

// Takes the value that comes next. Of a member that is given twice the first counts. A number that the other
// reader cannot hold ("1e999") is null.
inline nlohmann::json take_tree(http::JsonBody& body) {
  using nlohmann::json;
  json tree;
  switch (body.kind()) {
    case http::JsonKind::object:
      tree = json::object();
      body.object([&](std::string_view name) { tree[std::string(name)] = take_tree(body); });
      return tree;
    case http::JsonKind::array:
      tree = json::array();
      body.array([&] { tree.push_back(take_tree(body)); });
      return tree;
    case http::JsonKind::string:
      return body.string();
    case http::JsonKind::number:
      tree = json::parse(body.number(), nullptr, false);
      return tree.is_discarded() ? json() : tree;
    case http::JsonKind::boolean:
      return body.boolean();
    case http::JsonKind::null:
      body.skip();
      return nullptr;
  }
  return tree;
}

}  // namespace aforro::test
