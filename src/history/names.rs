//! Countries, products and other words of a table as numbers.

use std::collections::HashMap;

use super::country::{Countries, Party};
use super::direction::Direction;
use super::text::Interner;
use super::{Unit, Valuation, direction};

/// The level of detail of a product that has no code.
const NAMED: u32 = 255;

/// What a text of a country stands for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Country {
    pub(super) id: u32,
    pub(super) is_group: bool,
    pub(super) is_known: bool,
}

/// What a text of a product stands for.
#[derive(Clone, Debug)]
pub(super) struct Product {
    text: String,
    /// 0 for all products, digits of a code, or [`NAMED`].
    pub(super) level: u32,
}

/// All texts so far that repeat from row to row.
pub(super) struct Names {
    finder: Countries,
    written: Interner<Country>,
    /// Code, and what tells it apart from others with that code.
    countries: Vec<(String, String)>,
    by_code: HashMap<(String, String), u32>,
    products: Interner<Product>,
    directions: Interner<Direction>,
    units: Interner<Option<Unit>>,
    valuations: Interner<Option<Valuation>>,
}

/// The texts of numbers.
pub(super) struct Texts {
    pub(super) countries: Vec<String>,
    pub(super) products: Vec<String>,
}

impl Names {
    pub(super) fn new(has_un_numbers: bool) -> Names {
        Names {
            finder: Countries::new(has_un_numbers),
            written: Interner::default(),
            countries: Vec::new(),
            by_code: HashMap::new(),
            products: Interner::default(),
            directions: Interner::default(),
            units: Interner::default(),
            valuations: Interner::default(),
        }
    }

    /// A country by its text and by a code that tells apart those of one name.
    pub(super) fn country(&mut self, text: &[u8], apart: Option<&[u8]>) -> Country {
        let (finder, countries, by_code) = (&self.finder, &mut self.countries, &mut self.by_code);
        let mut add = |text: &str, apart: &str| {
            let Party { code, is_group, is_known } = finder.find(text);
            let next = countries.len() as u32;
            let id = *by_code.entry((code, apart.to_owned())).or_insert_with_key(|key| {
                countries.push(key.clone());
                next
            });
            Country { id, is_group, is_known }
        };
        let id = match apart {
            None => self.written.id(text, |text| add(text, "")),
            Some(apart) => self.written.id(&[text, b"\n", apart].concat(), |both| {
                let (text, apart) = both.split_once('\n').unwrap_or((both, ""));
                add(text, apart)
            }),
        };
        *self.written.item(id)
    }

    /// The code of a country.
    pub(super) fn code(&self, country: Country) -> &str {
        &self.countries[country.id as usize].0
    }

    /// The code that a text would have.
    pub(super) fn code_of(&self, text: &str) -> String {
        self.finder.find(text).code
    }

    /// Whether a country has this code, alone or with what tells it apart.
    pub(super) fn is_called(&self, country: Country, name: &str) -> bool {
        let (code, apart) = &self.countries[country.id as usize];
        code == name || (!apart.is_empty() && name == told_apart(code, apart))
    }

    pub(super) fn product(&mut self, text: &[u8]) -> (u32, u32) {
        let id = self.products.id(text, |text| Product { text: text.to_owned(), level: level(text) });
        (id, self.products.item(id).level)
    }

    /// Products but for "all of them".
    pub(super) fn n_products(&self) -> usize {
        self.products.items().iter().filter(|product| product.level > 0).count()
    }

    pub(super) fn direction(&mut self, text: &[u8]) -> Direction {
        let id = self.directions.id(text, Direction::of);
        *self.directions.item(id)
    }

    /// The unit of a text, in a multiple that another text gives.
    pub(super) fn unit(&mut self, unit: Option<&[u8]>, multiplier: Option<&[u8]>) -> Option<Unit> {
        let both = [unit.unwrap_or(b"USD"), b"\n", multiplier.unwrap_or_default()].concat();
        let id = self.units.id(&both, |both| {
            let (unit, multiplier) = both.split_once('\n')?;
            let unit = Unit::named(unit)?;
            if multiplier.is_empty() { Some(unit) } else { unit.times(multiplier) }
        });
        *self.units.item(id)
    }

    pub(super) fn valuation(&mut self, text: &[u8]) -> Option<Valuation> {
        let id = self.valuations.id(text, |text| direction::valuation(&text.to_lowercase()));
        *self.valuations.item(id)
    }

    /// All texts. Countries that share a name have what tells them apart behind it.
    pub(super) fn texts(self) -> Texts {
        let mut bearers: HashMap<&str, usize> = HashMap::new();
        self.countries.iter().for_each(|(code, _)| *bearers.entry(code).or_default() += 1);
        let name = |(code, apart): &(String, String)| match bearers[code.as_str()] {
            1 => code.clone(),
            _ if apart.is_empty() => code.clone(),
            _ => told_apart(code, apart),
        };
        let countries = self.countries.iter().map(name).collect();
        Texts { countries, products: self.products.into_items().into_iter().map(|product| product.text).collect() }
    }
}

fn told_apart(code: &str, apart: &str) -> String {
    format!("{code} ({apart})")
}

/// The level of detail of a product's code: the number of its digits, 0 for all products.
fn level(text: &str) -> u32 {
    let lower = text.to_lowercase();
    let is_total = ["", "total", "all", "all products", "all commodities", "_t", "ag0"].contains(&lower.trim());
    match text {
        _ if is_total => 0,
        digits if digits.bytes().all(|byte| byte.is_ascii_digit()) => digits.len().min(NAMED as usize - 1) as u32,
        _ => NAMED,
    }
}
