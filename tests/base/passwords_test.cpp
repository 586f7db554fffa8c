#include "base/passwords.h"

#include <doctest/doctest.h>

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using aforro::without_passwords;

TEST_CASE("the password of an address is hidden, and nothing else of it") {
  for (const auto& pair : std::vector<std::pair<std::string, std::string>>{
           {"mysql://u:pw@h/d", "mysql://u:***@h/d"},
           {"there is no file mysql://u:pw@h/d: gone", "there is no file mysql://u:***@h/d: gone"},
           {"'postgres://u:pw@h:5432/d'", "'postgres://u:***@h:5432/d'"},
           {"redis://:pw@h", "redis://:***@h"},
           {"POSTGRES://u:pw@h", "POSTGRES://u:***@h"},
           {"mysql+pymysql://u:pw@h", "mysql+pymysql://u:***@h"},
           {"jdbc:postgresql://u:pw@h/d", "jdbc:***@h/d"},
           {"mysql:/u:pw@h/d", "mysql:/u:***@h/d"},
           {"mysql:\\\\u:pw@h", "mysql:\\\\u:***@h"},
           {"https://a.example u://b:pw@c", "https://a.example u://b:***@c"},
           {"a://b:pw@c and d://e:pw@f", "a://b:***@c and d://e:***@f"},
           {"no folder u:pw@h/d", "no folder u:***@h/d"},
           {"no folder u:pw@h", "no folder u:***@h"},
           {"no folder u:pw@h:5432", "no folder u:***@h:5432"}}) {
    CAPTURE(pair.first);
    CHECK(without_passwords(pair.first) == pair.second);
    CHECK(without_passwords(pair.second) == pair.second);
  }
}

TEST_CASE("of a password in an odd shape nothing is left") {
  for (const std::string text : {"a://u:sesame@open@h/d",
                                 "a://u:ses/sesame@h/d",
                                 "a://u:12/sesame@h/d",
                                 "a://u:ses?sesame#open@h/d",
                                 "a://u:ses:sesame@h",
                                 "a://u:sesa%40sesame@h",
                                 "a://u:%73esame%40sesame@h",
                                 "a://u:sesame",
                                 "a://u:sesame/d",
                                 "a://u:ses sesame@h/d can't be opened",
                                 "a://u:ses sesame@open@h/d",
                                 "a://[u:sesame@h",
                                 "a://u:\"sesame\"@h",
                                 "a://u:säsesame@h",
                                 "a://u:\xFFsesame@h",
                                 "a%3A%2F%2Fu%3Asesame%40h",
                                 "a%3A%2F%2Fu:sesame@h",
                                 "a://h:1/d?password=open@sesame",
                                 "a://h/d?sslmode=x&password=sesame",
                                 "a://h/d?p%61ssword=sesame&x=y",
                                 "a://h/d?PWD=sesame;x=y",
                                 "host=h password=sesame dbname=d",
                                 "host=h password = 'open sesame' dbname=d",
                                 "host=h password='open\\' sesame' dbname=d",
                                 "host=h password=open\\ sesame dbname=d",
                                 "Server=h;Pwd=\"open \"\"sesame\";Database=d",
                                 "Server=h;Password=open;sesame;Database=d",
                                 "password='open sesame",
                                 "sslpassword=sesame",
                                 "DB_PASSWORD=sesame",
                                 "--db-pass=sesame"}) {
    CAPTURE(text);
    const std::string shown = without_passwords(text);
    CAPTURE(shown);
    CHECK(shown.find("sesame") == std::string::npos);
    CHECK(shown.find("***") != std::string::npos);
  }
}

TEST_CASE("what stands beside a password stays") {
  CHECK(without_passwords("host=h password=pw dbname=d") == "host=h password=*** dbname=d");
  CHECK(without_passwords("a://h/d?password=pw&x=y") == "a://h/d?password=***&x=y");
  CHECK(without_passwords("password='o p' dbname=d") == "password='***' dbname=d");
  CHECK(without_passwords("Pwd=pw;Server=h") == "Pwd=***;Server=h");
}

TEST_CASE("the time that it takes grows with the text alone") {
  constexpr std::size_t kBytes = 1 << 18;
  for (const std::string_view piece : {":", "=", "a:/", "(a:", "a:/b:c ", "a:/b:c@", "a:/@", "password=",
                                       "password='", "pass=a;", "%3a%2f", "a : = ", "a:/[", "pwd=\\"}) {
    CAPTURE(piece);
    std::string text;
    while (text.size() < kBytes) text += piece;
    const auto begin = std::chrono::steady_clock::now();
    const std::string shown = without_passwords(text);
    CHECK(shown.size() <= 2 * text.size());
    CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(5));
  }
}

TEST_CASE("a text without a password is left alone") {
  for (const std::string text :
       {"",
        ":",
        "=",
        "@",
        "%",
        "://",
        "a://",
        "a://@",
        "a://:",
        "a://:@",
        "password=",
        "password= ",
        "%3",
        "%zz=",
        "http://127.0.0.1:8000/",
        "listening on http://127.0.0.1:8000; ask ada@example.com",
        "http://[::1]:8000/ is taken",
        "postgres://ada@127.0.0.1:1/shop can't be reached",
        "postgres://ada@h1:1,h2:2/shop",
        "must be a SQLite file or postgres://USER:PASSWORD@HOST:PORT/NAME, and not mysql://",
        "it is like postgres://user:password@host:port/name, with special characters as %XX",
        "line 3: the e-mail ada@example.com",
        "note: .env, line 2: x",
        "\"email\":\"ada@example.com\"",
        "the sku \"A:1@2\" looks like \"A:I@2\"",
        "C:\\shop.db",
        "/backups/20:15@home.db",
        "file:shop.db",
        "2026-11-28T20:34:06",
        "--password-stdin reads the password",
        "mailto:ada@example.com"}) {
    CAPTURE(text);
    CHECK(without_passwords(text) == text);
  }
}

}  // namespace
