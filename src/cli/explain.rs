//! `tradewinds explain`.

use std::time::Instant;

use tradewinds::report;
use tradewinds::scenario::Scenario;
use tradewinds::simulate::{self, RunError, Watch};

use super::args::ExplainArgs;
use super::batch::{self, Member};
use super::failure::Failure;
use super::folder::Folder;
use super::interrupt;
use super::progress::Progress;
use super::settings::Settings;
use super::terminal;

pub fn explain(args: &ExplainArgs) -> Result<(), Failure> {
    let settings = Settings::new(&args.common, args.trials);
    let batch = batch::load(&args.inputs);
    let members = batch.accept(&settings.options)?;
    interrupt::listen()?;
    for (member, scenario) in members {
        let started = Instant::now();
        let folder = Folder::prepare(settings.out.join(&member.family).join(scenario.id()))?;
        let measures: Vec<usize> = (0..scenario.measure_ids().len()).collect();
        let progress = Progress::new(args.trials, settings.quiet);
        let watch = Watch { progress: &|trials| progress.add(trials), stop: &interrupt::STOP };
        let found = simulate::attribute(scenario, &measures, &settings.options, watch)
            .map_err(|error| failure(member, scenario, error))?;
        let staged = folder.stage("attribution.csv", |out| report::attribution(&found, settings.dialect, out))?;
        folder.publish(vec![staged], &[])?;
        terminal::note(&format!("{:.1} s\n", started.elapsed().as_secs_f64()));
    }
    Ok(())
}

fn failure(member: &Member, scenario: &Scenario, error: RunError) -> Failure {
    match error {
        RunError::Stopped => Failure::Interrupted,
        error => Failure::Failed(format!("scenario `{}` (`{}`): {error}", scenario.id(), member.path.display())),
    }
}
