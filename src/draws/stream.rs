//! The same draws as a generator of the `rand` crate.

use rand::TryRng;
use std::convert::Infallible;

use super::{Key, philox};

/// The random words of one key and trial as an endless stream, for samplers that take any generator.
///
/// ```
/// use rand::RngExt;
/// use tradewinds::draws::{Key, Stream};
/// let mut stream = Stream::new(Key::new(1, "parameters.drift"), 17);
/// let uniform: f64 = stream.random();
/// assert!((0.0..1.0).contains(&uniform));
/// ```
#[derive(Clone, Debug)]
pub struct Stream {
    key: Key,
    trial: u64,
    position: u64,
    words: [u64; 4],
    used: usize,
}

impl Stream {
    /// The stream of a key in a trial, from its beginning.
    pub fn new(key: Key, trial: u64) -> Stream {
        Stream { key, trial, position: 0, words: [0; 4], used: 4 }
    }
}

impl TryRng for Stream {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        if self.used == self.words.len() {
            self.words = philox::words(self.key, self.trial, self.position);
            self.position += 1;
            self.used = 0;
        }
        self.used += 1;
        Ok(self.words[self.used - 1] as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let low = self.try_next_u32()?;
        Ok(u64::from(low) | u64::from(self.try_next_u32()?) << 32)
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for chunk in bytes.chunks_mut(4) {
            chunk.copy_from_slice(&self.try_next_u32()?.to_le_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}
