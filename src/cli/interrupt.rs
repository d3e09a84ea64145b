//! Ctrl-C: the first asks the run to stop, the second ends the program.

use std::sync::atomic::{AtomicBool, Ordering};

use super::failure::Failure;

/// Set once the user wants the run to stop.
pub static STOP: AtomicBool = AtomicBool::new(false);

/// Listens from now on.
pub fn listen() -> Result<(), Failure> {
    let on_signal = || {
        if STOP.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
    };
    ctrlc::set_handler(on_signal).map_err(|error| Failure::Failed(format!("cannot listen for Ctrl-C: {error}")))
}

/// Fails if the user wants the run to stop.
pub fn check() -> Result<(), Failure> {
    match STOP.load(Ordering::Relaxed) {
        true => Err(Failure::Interrupted),
        false => Ok(()),
    }
}
