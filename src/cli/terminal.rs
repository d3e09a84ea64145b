//! Printing: data to stdout, all else to stderr.

use std::io::{self, IsTerminal, Write};

use super::failure::Failure;

/// Prints what was asked for. A reader that has seen enough, such as `head`, is no failure.
pub fn print(text: &[u8]) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::Failed(format!("cannot print: {error}")))
        }
        _ => Ok(()),
    }
}

/// Tells the user something. If nobody listens, there is nobody to tell that.
pub fn note(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

/// Whether the user sees colour on stderr and has not refused it (<https://no-color.org>).
pub fn color() -> bool {
    let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    io::stderr().is_terminal() && !refused
}
