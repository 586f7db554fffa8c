#include "api/page_frame.h"

namespace aforro::api {
namespace {

constexpr std::string_view kHead = R"html(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Crect width='16' height='16' rx='4' fill='%230b6e4f'/%3E%3Cpath d='M4 12 8 4l4 8M5.6 9.2h4.8' stroke='%23fff' stroke-width='1.7' fill='none'/%3E%3C/svg%3E">
<style>
:root{color-scheme:light dark;--ink:#1c2522;--soft:#5a6863;--ground:#fbfcfb;--card:#fff;--line:#dde5e1;--mark:#0b6e4f;
--get:#0b6e4f;--post:#9a4a00;--code:#f0f4f2}
@media(prefers-color-scheme:dark){:root{--ink:#e4ebe8;--soft:#98a8a2;--ground:#121715;--card:#1a211e;--line:#2c3733;
--mark:#5fd0a5;--get:#5fd0a5;--post:#f0a860;--code:#0d1210}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.55 system-ui,sans-serif}
header,main,footer{max-width:58rem;margin:0 auto;padding:0 1.25rem}
header{padding-top:1.25rem}
header a{font-weight:700;font-size:1.05rem;text-decoration:none;letter-spacing:.01em}
footer{margin-top:3rem;padding-bottom:2rem;color:var(--soft);font-size:.85rem}
h1{font-size:1.7rem;line-height:1.2;margin:1rem 0 .5rem}
h2{font-size:1.1rem;margin:2.2rem 0 .6rem}
p{margin:.5rem 0}
a{color:var(--mark)}
.lead{color:var(--soft);max-width:42rem}
code,pre{font:13.5px/1.5 ui-monospace,SFMono-Regular,Menlo,monospace}
pre{overflow:auto;white-space:pre-wrap;overflow-wrap:anywhere;padding:.9rem 1rem;background:var(--code);border:1px solid var(--line);border-radius:.5rem;margin:.6rem 0}
ul.routes{list-style:none;margin:0;padding:0;background:var(--card);border:1px solid var(--line);border-radius:.6rem}
ul.routes li{display:grid;grid-template-columns:3.4rem minmax(0,20rem) minmax(0,1fr);gap:.2rem 1rem;padding:.55rem 1rem;align-items:baseline}
ul.routes li+li{border-top:1px solid var(--line)}
ul.routes code{overflow-wrap:anywhere}
ul.routes span{color:var(--soft);font-size:.94rem}
b.get,b.post{font:700 11.5px/1.5 ui-monospace,monospace;letter-spacing:.04em;color:var(--get)}
b.post{color:var(--post)}
input{width:100%;font:inherit;color:inherit;background:var(--card);border:1px solid var(--line);border-radius:.5rem;padding:.6rem .8rem}
input:focus{outline:2px solid var(--mark);outline-offset:1px}
#found{list-style:none;margin:.5rem 0 0;padding:0}
#found li{display:flex;justify-content:space-between;gap:1rem;padding:.35rem .8rem;border-bottom:1px solid var(--line)}
#found li span:last-child{white-space:nowrap;color:var(--soft)}
@media(max-width:40rem){ul.routes li{grid-template-columns:3.4rem minmax(0,1fr)}ul.routes span{grid-column:1/-1}}
</style>
)html";

}  // namespace

std::string framed(std::string_view title, std::string_view content, std::string_view version) {
  std::string page(kHead);
  page += "<title>" + escaped(title) +
          "</title>\n</head>\n<body>\n<header><a href=\"/\">aforro</a></header>\n<main>\n";
  page += content;
  page += "</main>\n<footer>aforro " + escaped(version) + "</footer>\n</body>\n</html>\n";
  return page;
}

std::string escaped(std::string_view text) {
  std::string html;
  for (const char c : text) {
    switch (c) {
      case '&':
        html += "&amp;";
        break;
      case '<':
        html += "&lt;";
        break;
      case '>':
        html += "&gt;";
        break;
      case '"':
        html += "&quot;";
        break;
      case '\'':
        html += "&#39;";
        break;
      default:
        html += c;
    }
  }
  return html;
}

}  // namespace aforro::api
