//! The generator's words without end on standard output, for batteries of statistical tests:
//!
//! ```sh
//! cargo run --release --example words -- trials | dieharder -a -g 200
//! ```
//!
//! The argument says in which order the draws of a run are taken: `positions` along the path of one trial, `trials`
//! from one trial to the next, or `identities` from one identity to the next within each trial.

use std::io::{self, Write};
use std::process::ExitCode;

use rand::Rng;
use tradewinds::draws::{Key, Stream};

/// Words that one call of the generator makes.
const WORDS_A_CALL: usize = 4;
/// Identities that are drawn in turn.
const IDENTITIES: u64 = 64;
const CALLS_A_WRITE: usize = 1 << 14;

fn main() -> ExitCode {
    let identity = |number: u64| Key::new(1, &format!("flow.{number}.permanent"));
    let one = identity(0);
    let keys: Vec<Key> = (0..IDENTITIES).map(identity).collect();
    let mut calls: Box<dyn Iterator<Item = Stream>> = match std::env::args().nth(1).as_deref() {
        Some("positions") => {
            let mut path = Stream::new(one, 0);
            return until_closed(|bytes| path.fill_bytes(bytes));
        }
        Some("trials") => Box::new((0..).map(move |trial| Stream::new(one, trial))),
        Some("identities") => {
            Box::new((0..).flat_map(move |trial| keys.clone().into_iter().map(move |key| Stream::new(key, trial))))
        }
        _ => {
            eprintln!("error: say in which order: positions, trials or identities");
            return ExitCode::from(2);
        }
    };
    until_closed(|bytes| {
        for words in bytes.chunks_exact_mut(4 * WORDS_A_CALL) {
            calls.next().expect("there is no end").fill_bytes(words);
        }
    })
}

/// Writes until nobody reads any more.
fn until_closed(mut fill: impl FnMut(&mut [u8])) -> ExitCode {
    let mut out = io::stdout().lock();
    let mut bytes = vec![0; 4 * WORDS_A_CALL * CALLS_A_WRITE];
    loop {
        fill(&mut bytes);
        if out.write_all(&bytes).is_err() {
            return ExitCode::SUCCESS;
        }
    }
}
