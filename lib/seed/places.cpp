#include "seed/words.h"

#include <array>

namespace aforro::seed {
namespace {

constexpr std::array kCities{
    SeedCity{"Lisbon", "Portugal"},     SeedCity{"Porto", "Portugal"},
    SeedCity{"Coimbra", "Portugal"},    SeedCity{"Seville", "Spain"},
    SeedCity{"Bilbao", "Spain"},        SeedCity{"Valencia", "Spain"},
    SeedCity{"Lyon", "France"},         SeedCity{"Nantes", "France"},
    SeedCity{"Strasbourg", "France"},   SeedCity{"Ghent", "Belgium"},
    SeedCity{"Utrecht", "Netherlands"}, SeedCity{"Groningen", "Netherlands"},
    SeedCity{"Hamburg", "Germany"},     SeedCity{"Leipzig", "Germany"},
    SeedCity{"Köln", "Germany"},        SeedCity{"Basel", "Switzerland"},
    SeedCity{"Graz", "Austria"},        SeedCity{"Trieste", "Italy"},
    SeedCity{"Bologna", "Italy"},       SeedCity{"Turin", "Italy"},
    SeedCity{"Ljubljana", "Slovenia"},  SeedCity{"Brno", "Czechia"},
    SeedCity{"Kraków", "Poland"},       SeedCity{"Gdańsk", "Poland"},
    SeedCity{"Vilnius", "Lithuania"},   SeedCity{"Riga", "Latvia"},
    SeedCity{"Tartu", "Estonia"},       SeedCity{"Turku", "Finland"},
    SeedCity{"Gothenburg", "Sweden"},   SeedCity{"Malmö", "Sweden"},
    SeedCity{"Aarhus", "Denmark"},      SeedCity{"Bergen", "Norway"},
    SeedCity{"Glasgow", "Scotland"},    SeedCity{"Bristol", "England"},
    SeedCity{"York", "England"},        SeedCity{"Cardiff", "Wales"},
    SeedCity{"Galway", "Ireland"},      SeedCity{"Cork", "Ireland"},
    SeedCity{"Thessaloniki", "Greece"}, SeedCity{"Cluj-Napoca", "Romania"},
};

constexpr std::array kQuarters{
    SeedQuarter{"Harbour", "Quay Street"},          SeedQuarter{"Old Town", "Lantern Lane"},
    SeedQuarter{"Riverside", "Ferry Road"},         SeedQuarter{"Market Square", "Market Square"},
    SeedQuarter{"Central Station", "Station Road"}, SeedQuarter{"Cathedral", "Bell Lane"},
    SeedQuarter{"University", "College Street"},    SeedQuarter{"North Gate", "North Gate"},
    SeedQuarter{"Mill Island", "Mill Lane"},        SeedQuarter{"Botanical Garden", "Linden Avenue"},
    SeedQuarter{"Tram Depot", "Tramway Street"},    SeedQuarter{"Castle Hill", "Castle Steps"},
};

}  // namespace

std::span<const SeedCity> seed_cities() { return kCities; }

std::span<const SeedQuarter> seed_quarters() { return kQuarters; }

}  // namespace aforro::seed
