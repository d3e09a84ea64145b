//! Bytes as text, and texts as small numbers.

use std::borrow::Cow;
use std::collections::HashMap;

/// The text of a cell. What is not UTF-8 is taken for Latin-1, as spreadsheets in western Europe write it.
pub(super) fn text_of(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(bytes.iter().map(|byte| char::from(*byte)).collect()),
    }
}

/// Keeps one copy of each text of a column, and what it means.
#[derive(Debug)]
pub(super) struct Interner<T> {
    index: HashMap<Box<[u8]>, u32>,
    items: Vec<T>,
}

impl<T> Default for Interner<T> {
    fn default() -> Interner<T> {
        Interner { index: HashMap::new(), items: Vec::new() }
    }
}

impl<T> Interner<T> {
    /// The number of a text; what it means is found out the first time.
    pub(super) fn id(&mut self, bytes: &[u8], meaning: impl FnOnce(&str) -> T) -> u32 {
        if let Some(id) = self.index.get(bytes) {
            return *id;
        }
        let id = self.items.len() as u32;
        self.items.push(meaning(&text_of(bytes)));
        self.index.insert(bytes.into(), id);
        id
    }

    pub(super) fn item(&self, id: u32) -> &T {
        &self.items[id as usize]
    }

    pub(super) fn items(&self) -> &[T] {
        &self.items
    }

    pub(super) fn into_items(self) -> Vec<T> {
        self.items
    }
}
