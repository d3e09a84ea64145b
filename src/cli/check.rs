//! `tradewinds check`.

use tradewinds::simulate::RunOptions;

use super::args::CheckArgs;
use super::batch;
use super::failure::Failure;
use super::memory;
use super::terminal;

pub fn check(args: &CheckArgs) -> Result<(), Failure> {
    let mut batch = batch::load(&args.inputs);
    batch.read_histories();
    if args.explain {
        let explained: String =
            batch.members.iter().map(|member| member.resolved.explain(&batch.sources)).collect::<Vec<_>>().join("\n");
        terminal::print(explained.as_bytes())?;
    }
    // What does not fit on one thread fits on none.
    let least = RunOptions { threads: 1, memory_limit: memory::available(), ..RunOptions::default() };
    match batch.accept(&least)?.len() {
        1 => terminal::note("1 scenario, no faults\n"),
        n => terminal::note(&format!("{n} scenarios, no faults\n")),
    }
    Ok(())
}
