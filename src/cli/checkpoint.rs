//! Checkpoints of a long run, and going on from one.

use std::fs;
use std::io;
use std::time::{Duration, Instant};

use tradewinds::simulate::{Origin, Partial, RunOptions, Shard, Simulation};

use super::failure::Failure;
use super::folder::Folder;
use super::terminal;

/// Where a run saves what it has found, in the folder of its results.
pub struct Checkpoint<'a> {
    folder: &'a Folder,
    name: String,
    origin: Origin,
    every: Duration,
    last: Instant,
    /// Trials in the file, if it is of this run.
    saved: Option<u64>,
    /// Whether the user knows that it cannot be saved.
    warned: bool,
}

impl<'a> Checkpoint<'a> {
    /// Of a run that begins now. Shards may share a folder, so each has a name of its own.
    pub fn new(folder: &'a Folder, shard: Option<Shard>, origin: Origin, every: Duration) -> Checkpoint<'a> {
        let name = match shard {
            None => ".checkpoint.twpart".to_owned(),
            Some(Shard { number, count }) => format!(".checkpoint-{number}-of-{count}.twpart"),
        };
        Checkpoint { folder, name, origin, every, last: Instant::now(), saved: None, warned: false }
    }

    /// Whether there is one, of whatever run.
    pub fn exists(&self) -> bool {
        self.folder.path().join(&self.name).exists()
    }

    /// Where it is, for messages.
    pub fn path(&self) -> String {
        self.folder.path().join(&self.name).display().to_string()
    }

    /// The simulation as it was saved, if it is the same as `fresh`; none if nothing was saved.
    pub fn load<'s>(
        &mut self,
        fresh: &Simulation<'s>,
        options: &RunOptions,
    ) -> Result<Option<Simulation<'s>>, Failure> {
        let bytes = match fs::read(self.folder.path().join(&self.name)) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(self.unreadable(&error.to_string())),
        };
        let saved = Partial::from_bytes(&bytes).map_err(|error| self.unreadable(&error.to_string()))?;
        saved.belongs_with(&fresh.partial(self.origin.clone())).map_err(|error| self.unfit(&error.to_string()))?;
        let simulation = fresh.resumed(options, saved).map_err(|error| Failure::Failed(error.to_string()))?;
        self.saved = Some(simulation.done());
        Ok(Some(simulation))
    }

    fn unreadable(&self, why: &str) -> Failure {
        Failure::Input(format!(
            "cannot resume from `{}`: {why}\n  = hint: run without --resume, or remove that file to begin this scenario anew",
            self.path()
        ))
    }

    fn unfit(&self, why: &str) -> Failure {
        Failure::Input(format!(
            "cannot resume from `{}`: {why}\n  = hint: give the options of the run that was stopped, run without --resume, or \
             remove that file to begin this scenario anew",
            self.path()
        ))
    }

    /// How long a simulation may go on before it asks again.
    pub fn patience(&self) -> Duration {
        self.every / 4
    }

    /// Saves the simulation if that is due. A run that cannot be saved goes on all the same.
    pub fn save_if_due(&mut self, simulation: &Simulation<'_>) -> Result<(), Failure> {
        if self.last.elapsed() < self.every { Ok(()) } else { self.save(simulation) }
    }

    /// Saves a simulation that has come to its end, if it took long: what is still to be done may be stopped too.
    pub fn save_complete(&mut self, simulation: &Simulation<'_>) -> Result<(), Failure> {
        if self.saved.is_none_or(|saved| saved == simulation.done()) { Ok(()) } else { self.save(simulation) }
    }

    fn save(&mut self, simulation: &Simulation<'_>) -> Result<(), Failure> {
        let staged = self.folder.stage(&self.name, |out| simulation.write_partial(self.origin.clone(), out));
        match staged.and_then(|staged| self.folder.publish(vec![staged], &[])) {
            Ok(()) => self.saved = Some(simulation.done()),
            Err(Failure::Failed(message)) if !self.warned => {
                terminal::note(&format!("warning: no checkpoint could be saved: {message}\n"));
                self.warned = true;
            }
            Err(Failure::Failed(_)) => {}
            Err(stopped) => return Err(stopped),
        }
        self.last = Instant::now();
        Ok(())
    }

    /// Takes away one of an earlier run, now that there are results of this.
    pub fn remove_if_outdated(&self) -> Result<(), Failure> {
        if self.saved.is_none() { self.remove() } else { Ok(()) }
    }

    /// Takes it away: all is done.
    pub fn remove(&self) -> Result<(), Failure> {
        self.folder.publish(Vec::new(), &[&self.name])
    }
}

/// Tells how to go on with runs of which these are the checkpoints, the last of that which failed.
pub fn tell_how_to_go_on(failure: Failure, checkpoints: &[Checkpoint<'_>]) -> Failure {
    let of_all: u64 = checkpoints.iter().filter_map(|checkpoint| checkpoint.saved).sum();
    let of_last = checkpoints.last().and_then(|checkpoint| checkpoint.saved);
    match (failure, of_last) {
        (Failure::Interrupted, _) if of_all > 0 => Failure::Paused(of_all),
        (Failure::Failed(message), Some(trials)) => Failure::Failed(format!(
            "{message}\n  = hint: {trials} trials are saved; the same command with --resume goes on from them"
        )),
        (other, _) => other,
    }
}
