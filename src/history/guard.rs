//! Keeps a quotation mark that is never closed from taking all memory.

use std::cell::Cell;
use std::io::{self, Read};

/// The most bytes of one row.
const LONGEST: u64 = 16 << 20;

/// A reader that fails if too much is read before a row ends.
pub(super) struct Guarded<R> {
    reader: R,
    since_row: Cell<u64>,
}

impl<R> Guarded<R> {
    pub(super) fn new(reader: R) -> Guarded<R> {
        Guarded { reader, since_row: Cell::new(0) }
    }

    /// Notes that a row has ended.
    pub(super) fn row_ended(&self) {
        self.since_row.set(0);
    }
}

impl<R: Read> Read for Guarded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.since_row.get() > LONGEST {
            let message = format!("a row is longer than {} MiB", LONGEST >> 20);
            return Err(io::Error::new(io::ErrorKind::InvalidData, message));
        }
        let length = self.reader.read(buffer)?;
        self.since_row.set(self.since_row.get() + length as u64);
        Ok(length)
    }
}
