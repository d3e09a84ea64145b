//! How a command ends when it does not succeed.

use std::process::ExitCode;

use super::terminal;

/// Why a command did not do what it was told.
#[derive(Debug)]
pub enum Failure {
    /// Bad input or usage: what is wrong and the cure.
    Input(String),
    /// The work failed: what and why.
    Failed(String),
    /// Ctrl-C.
    Interrupted,
    /// Ctrl-C in a run that has saved so many trials.
    Paused(u64),
}

impl Failure {
    /// Says what went wrong and gives the exit status.
    pub fn report(self) -> ExitCode {
        match self {
            Failure::Input(message) => complain(&message, 2),
            Failure::Failed(message) => complain(&message, 1),
            Failure::Interrupted => complain("interrupted", 130),
            Failure::Paused(trials) => complain(
                &format!(
                    "interrupted\n  = hint: {trials} trials are saved; the same command with --resume goes on from them"
                ),
                130,
            ),
        }
    }
}

fn complain(message: &str, status: u8) -> ExitCode {
    terminal::note(&format!("error: {message}\n"));
    ExitCode::from(status)
}
