#include "api/page_frame.h"

#include "api/files.h"
#include "base/html.h"

namespace aforro::api {
namespace {

constexpr std::string_view kHead = R"html(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
)html";

}  // namespace

std::string framed(std::string_view title, std::string_view content, std::string_view version) {
  std::string page(kHead);
  page += "<link rel=\"icon\" href=\"" + address_of(kIcon) + "\">\n<link rel=\"stylesheet\" href=\"" +
          address_of(kPageStyle) + "\">\n";
  page += "<title>" + escaped(title) +
          "</title>\n</head>\n<body>\n<header><a href=\"/\">aforro</a></header>\n<main>\n";
  page += content;
  page += "</main>\n<footer>aforro " + escaped(version) + "</footer>\n</body>\n</html>\n";
  return page;
}

}  // namespace aforro::api
