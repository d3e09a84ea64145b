//! The program.
mod cli;

fn main() {}
