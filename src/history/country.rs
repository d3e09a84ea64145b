//! Codes and names of countries.

use std::collections::HashMap;

/// A country of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Party {
    /// ISO 3166 alpha-3 where that is known, else as written.
    pub(super) code: String,
    /// Whether it is a group of countries, or no country at all.
    pub(super) is_group: bool,
    /// Whether it is surely one country.
    pub(super) is_known: bool,
}

/// Numeric codes of the UN Statistics Division that ISO 3166 has not or not for the same area: UN Comtrade, "Country
/// codes" (comtradeapi.un.org/files/v1/app/reference/Reporters.json); CEPII BACI uses them too. "Other Asia, nes" (490)
/// holds the trade of Taiwan.
const UN_CODES: [(u16, &str); 22] = [
    (58, "BLX"), // Belgium-Luxembourg
    (200, "CSK"),
    (230, "ETH"), // with Eritrea
    (251, "FRA"), // with Monaco and the overseas departments
    (278, "DDR"),
    (280, "DEU"), // before 1991
    (381, "ITA"),
    (490, "TWN"),
    (530, "ANT"),
    (579, "NOR"), // with Svalbard and Jan Mayen
    (588, "PSE"), // occupied territory, former code
    (590, "PAN"), // without the canal zone
    (699, "IND"),
    (711, "ZAF"), // South African Customs Union
    (736, "SDN"), // before 2012
    (757, "CHE"), // with Liechtenstein
    (810, "SUN"),
    (842, "USA"), // with Puerto Rico and the Virgin Islands
    (849, "UMI"),
    (886, "YEM"), // Arab Republic of Yemen
    (890, "YUG"),
    (891, "SCG"),
];

/// Names that tables of the World Bank, the IMF and the US Census Bureau use for countries whose English short name in
/// ISO 3166 is another, in lower case. A name with the country's form of state, such as `bolivia (plurinational state
/// of)`, is known without it.
const OTHER_NAMES: [(&str, &str); 33] = [
    ("brunei", "BRN"),
    ("cape verde", "CPV"),
    ("congo (brazzaville)", "COG"),
    ("congo (kinshasa)", "COD"),
    ("cote d'ivoire", "CIV"),
    ("czech republic", "CZE"),
    ("east timor", "TLS"),
    ("egypt, arab rep.", "EGY"),
    ("hong kong, china", "HKG"),
    ("iran, islamic rep.", "IRN"),
    ("korea, north", "PRK"),
    ("korea, rep.", "KOR"),
    ("korea, south", "KOR"),
    ("kyrgyz republic", "KGZ"),
    ("laos", "LAO"),
    ("macau", "MAC"),
    ("macedonia", "MKD"),
    ("netherlands", "NLD"),
    ("north korea", "PRK"),
    ("republic of korea", "KOR"),
    ("republic of yemen", "YEM"),
    ("russia", "RUS"),
    ("slovak republic", "SVK"),
    ("south korea", "KOR"),
    ("swaziland", "SWZ"),
    ("syria", "SYR"),
    ("taiwan", "TWN"),
    ("tanzania", "TZA"),
    ("turkey", "TUR"),
    ("united kingdom", "GBR"),
    ("united states", "USA"),
    ("venezuela, rb", "VEN"),
    ("vietnam", "VNM"),
];

/// Codes and names of no single country: world totals, areas not specified, bunkers, free zones, regions.
const GROUPS: [&str; 52] = [
    "0",
    "000",
    "001",
    "W00",
    "WLD",
    "WL",
    "W0",
    "W1",
    "_T",
    "_Z",
    "_X",
    "G001",
    "ALL",
    "WORLD",
    "TOTAL",
    "UNS",
    "XX",
    "X1",
    "X2",
    "A79",
    "B20",
    "E19",
    "E29",
    "F19",
    "F49",
    "F97",
    "S11",
    "S29",
    "_X1",
    "R20",
    "R91",
    "XXA",
    "XXB",
    "XXC",
    "XXX",
    "527",
    "568",
    "577",
    "636",
    "637",
    "697",
    "837",
    "838",
    "839",
    "879",
    "899",
    "EUN",
    "EU27",
    "EU28",
    "EU27_2020",
    "EU",
    "EUR",
];

/// Beginnings of names of groups.
const GROUP_NAMES: [&str; 8] =
    ["areas, nes", "bunkers", "free zones", "special categories", "unspecified", "european union", "rest of", "all "];

/// Regions of WITS, and names of the same.
const REGIONS: [&str; 14] =
    ["EAS", "ECS", "LCN", "MEA", "NAC", "SAS", "SSF", "OHI", "LIC", "LMY", "HIC", "EAP", "EUROPE", "ASIA"];

/// The name that a country has in a history: the ISO 3166 alpha-3 code of a numeric (UN), alpha-2 or alpha-3 code or of
/// an English short name, or else the text as it is.
///
/// # Examples
/// ```
/// use tradewinds::history::country;
/// assert_eq!(country("Pakistan"), "PAK");
/// assert_eq!(country("842"), "USA");
/// assert_eq!(country("Burma"), "Burma");
/// ```
pub fn country(written: &str) -> String {
    Countries::new(true).find(written).code
}

/// Finds countries.
pub(super) struct Countries {
    /// Names in lower case.
    by_name: HashMap<String, &'static str>,
    /// Whether numbers are UN codes. Those of the IMF and of national offices are not.
    pub(super) has_un_numbers: bool,
}

impl Countries {
    pub(super) fn new(has_un_numbers: bool) -> Countries {
        let mut by_name: HashMap<String, &'static str> =
            OTHER_NAMES.iter().map(|(name, alpha3)| ((*name).to_owned(), *alpha3)).collect();
        for country in rust_iso3166::ALL {
            let name = country.name.to_lowercase();
            // Two Koreas and two Congos are told apart by their forms of state only.
            if let Some((short, _)) = name.split_once(" (")
                && !matches!(short, "korea" | "congo" | "virgin islands" | "saint martin")
            {
                by_name.insert(short.to_owned(), country.alpha3);
            }
            by_name.insert(name, country.alpha3);
        }
        Countries { by_name, has_un_numbers }
    }

    pub(super) fn find(&self, written: &str) -> Party {
        if self.is_group(written) {
            return Party { code: written.to_owned(), is_group: true, is_known: false };
        }
        let found = self.alpha3(written);
        let is_known = found.is_some();
        Party { code: found.map_or_else(|| written.to_owned(), str::to_owned), is_group: false, is_known }
    }

    fn alpha3(&self, written: &str) -> Option<&'static str> {
        match written.len() {
            1..=3 if written.bytes().all(|byte| byte.is_ascii_digit()) => self.numbered(written),
            2 => rust_iso3166::from_alpha2(&written.to_uppercase()).map(|country| country.alpha3),
            3 => match written {
                "S19" => Some("TWN"),
                _ => rust_iso3166::from_alpha3(&written.to_uppercase()).map(|country| country.alpha3),
            },
            _ => self.by_name.get(&written.to_lowercase()).copied(),
        }
    }

    fn numbered(&self, written: &str) -> Option<&'static str> {
        let number: u16 = written.parse().ok().filter(|_| self.has_un_numbers)?;
        let of_un = UN_CODES.iter().find(|(code, _)| *code == number).map(|(_, alpha3)| *alpha3);
        of_un.or_else(|| rust_iso3166::from_numeric(number).map(|country| country.alpha3))
    }

    fn is_group(&self, written: &str) -> bool {
        if !self.has_un_numbers && written != "001" && written.bytes().all(|byte| byte.is_ascii_digit()) {
            return false;
        }
        let (upper, lower) = (written.to_uppercase(), written.to_lowercase());
        GROUPS.contains(&upper.as_str())
            || REGIONS.contains(&upper.as_str())
            || GROUP_NAMES.iter().any(|name| lower.starts_with(name))
            || is_imf_group(&upper)
    }
}

/// Groups in the codes of the IMF: `G` and three digits, `GX` or `TX` and three digits.
fn is_imf_group(upper: &str) -> bool {
    let rest = upper.strip_prefix("GX").or(upper.strip_prefix("TX")).or(upper.strip_prefix('G'));
    rest.is_some_and(|rest| rest.len() == 3 && rest.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_names_become_alpha_3() {
        let countries = Countries::new(true);
        let cases = [
            ("PAK", "PAK"),
            ("pak", "PAK"),
            ("PK", "PAK"),
            ("586", "PAK"),
            ("4", "AFG"),
            ("842", "USA"),
            ("840", "USA"),
            ("699", "IND"),
            ("490", "TWN"),
            ("Kazakhstan", "KAZ"),
            ("Bolivia", "BOL"),
            ("Korea, South", "KOR"),
            ("Congo", "COG"),
            ("Virgin Islands", "Virgin Islands"),
            ("Burma", "Burma"),
            ("7960", "7960"),
        ];
        for (written, expected) in cases {
            let party = countries.find(written);
            assert_eq!((party.code.as_str(), party.is_group), (expected, false), "{written}");
        }
        let others = Countries::new(false);
        assert_eq!(others.find("111").code, "111");
    }

    #[test]
    fn groups_are_known() {
        let countries = Countries::new(true);
        for written in ["0", "W00", "World", "WLD", "899", "G998", "GX123", "European Union", "Areas, nes"] {
            assert!(countries.find(written).is_group, "{written}");
        }
        for written in ["GAB", "GUINEA", "Germany", "Allen Island"] {
            assert!(!countries.find(written).is_group, "{written}");
        }
    }
}
