//! `tradewinds export`.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use tradewinds::report::export::{self, Exported, Observed, Open};
use tradewinds::report::{FinishedRun, Table};

use super::args::{ExportArgs, Layout};
use super::failure::Failure;
use super::family;
use super::folder::{Folder, Staged};
use super::interrupt;
use super::terminal;
use super::workbook;

/// One run on the disk.
struct Found {
    folder: PathBuf,
    run: FinishedRun,
    quantiles: Table,
}

pub fn export(args: &ExportArgs) -> Result<(), Failure> {
    refuse_if_left_out(args.format)?;
    let folders = run_folders(&args.folder)?;
    let observed = observed(args)?;
    let found = folders.into_iter().map(read).collect::<Result<Vec<Found>, Failure>>()?;
    interrupt::listen()?;
    let out = args.out.clone().unwrap_or_else(|| args.folder.join("export"));
    let files = match args.format {
        Layout::Xlsx => vec![book(args, &found, &out)?],
        layout => with_trials(&found, &|runs| match layout {
            Layout::Iamc => iamc(args, runs, &out),
            Layout::Hub => hub(args, runs, observed.as_ref(), &out),
            Layout::Un => un(args, runs, &out),
            Layout::Scoringutils => scoringutils(args, runs, observed.as_ref(), &out),
            Layout::Parquet | Layout::Xlsx => parquet(&found, &out),
        })?,
    };
    let lines: String = files.iter().map(|file| format!("  {}\n", file.display())).collect();
    if !args.quiet {
        terminal::note(&format!("Exported:\n{lines}"));
    }
    Ok(())
}

fn refuse_if_left_out(format: Layout) -> Result<(), Failure> {
    match format {
        Layout::Xlsx => workbook::refuse_if_left_out(),
        Layout::Parquet if !cfg!(feature = "parquet") => Err(Failure::Input(
            "this program was built without Parquet\n  = hint: build it with `cargo build --release --features parquet`"
                .to_owned(),
        )),
        _ => Ok(()),
    }
}

/// The folder itself, or those in it, in name order, that hold results of a run.
fn run_folders(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let is_run = |path: &Path| path.join("run.json").is_file();
    if is_run(folder) {
        return Ok(vec![folder.to_owned()]);
    }
    let listed = fs::read_dir(folder).and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect());
    let mut inside: Vec<PathBuf> =
        listed.map_err(|error| Failure::Input(format!("cannot list folder `{}`: {error}", folder.display())))?;
    inside.retain(|path| is_run(path));
    inside.sort();
    match inside.is_empty() {
        false => Ok(inside),
        true => Err(Failure::Input(format!(
            "folder `{}` holds no results\n  = hint: name a folder that `run` wrote, of a scenario or of a family, such \
             as output/pak-kaz",
            folder.display()
        ))),
    }
}

fn read(folder: PathBuf) -> Result<Found, Failure> {
    let read = |name: &str| read_if_there(&folder.join(name));
    let found = FinishedRun::read(&read).and_then(|run| {
        let bytes = read("quantiles.csv").map_err(|error| error.to_string())?.ok_or("it has no `quantiles.csv`")?;
        let quantiles = Table::read(&bytes[..]).map_err(|why| format!("`quantiles.csv`: {why}"))?;
        Ok((run, quantiles))
    });
    match found {
        Ok((run, quantiles)) => Ok(Found { folder, run, quantiles }),
        Err(why) => Err(Failure::Input(format!(
            "cannot export `{}`: {why}\n  = hint: run the scenario again",
            folder.display()
        ))),
    }
}

fn read_if_there(path: &Path) -> io::Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn observed(args: &ExportArgs) -> Result<Option<Observed>, Failure> {
    let Some(path) = &args.observed else { return Ok(None) };
    let refused = |why: String| {
        Failure::Input(format!(
            "cannot read observations from `{}`: {why}\n  = hint: it needs the columns `period` (or `year`), `measure` \
             and `value`",
            path.display()
        ))
    };
    let file = File::open(path).map_err(|error| refused(error.to_string()))?;
    Observed::read(file).map(Some).map_err(refused)
}

/// Does something with the runs and their `trials.csv`, where there is one.
fn with_trials<T>(found: &[Found], work: &dyn Fn(&[Exported<'_>]) -> Result<T, Failure>) -> Result<T, Failure> {
    let files: Vec<PathBuf> = found.iter().map(|it| it.folder.join("trials.csv")).collect();
    let opens: Vec<_> = files.iter().map(|file| move || open(file)).collect();
    let runs = found.iter().zip(&opens).zip(&files).map(|((it, open), file)| Exported {
        run: &it.run,
        quantiles: &it.quantiles,
        trials: file.is_file().then_some(open as &Open<'_>),
    });
    work(&runs.collect::<Vec<_>>())
}

fn open(file: &Path) -> io::Result<Box<dyn Read>> {
    File::open(file).map(|file| Box::new(file) as Box<dyn Read>)
}

/// Files that are written into one folder and get their names together.
struct Batch {
    folder: Folder,
    staged: Vec<Staged>,
}

impl Batch {
    fn new(folder: PathBuf) -> Result<Batch, Failure> {
        Ok(Batch { folder: Folder::prepare(folder)?, staged: Vec::new() })
    }

    fn add(
        &mut self,
        name: &str,
        write: impl FnOnce(&mut (dyn Write + Send)) -> io::Result<()>,
    ) -> Result<(), Failure> {
        self.staged.push(self.folder.stage(name, write)?);
        Ok(())
    }

    fn publish(self, outdated: &[&str]) -> Result<Vec<PathBuf>, Failure> {
        let files = self.staged.iter().map(|file| self.folder.path().join(&file.digest.file)).collect();
        self.folder.publish(self.staged, outdated)?;
        Ok(files)
    }
}

fn iamc(args: &ExportArgs, runs: &[Exported<'_>], out: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut batch = Batch::new(out.to_owned())?;
    batch.add("iamc.csv", |out| export::iamc_wide(runs, &args.model, out))?;
    batch.add("iamc-long.csv", |out| export::iamc_long(runs, &args.model, out))?;
    batch.publish(&[])
}

/// A file for each round: scenarios may have been made at different times.
fn hub(
    args: &ExportArgs,
    runs: &[Exported<'_>],
    observed: Option<&Observed>,
    out: &Path,
) -> Result<Vec<PathBuf>, Failure> {
    let name = format!("{}-{}", args.team, args.model);
    let mut batch = Batch::new(out.join("model-output").join(&name))?;
    let mut rounds: Vec<&str> = runs.iter().map(|it| export::origin_date(it.run)).collect();
    rounds.sort();
    rounds.dedup();
    for round in rounds {
        let of_round: Vec<Exported<'_>> =
            runs.iter().copied().filter(|it| export::origin_date(it.run) == round).collect();
        batch.add(&format!("{round}-{name}.csv"), |out| export::hub(&of_round, out))?;
    }
    let mut files = batch.publish(&[])?;
    if let Some(observed) = observed {
        let mut batch = Batch::new(out.join("target-data"))?;
        batch.add("time-series.csv", |out| export::hub_observations(runs, observed, out))?;
        files.extend(batch.publish(&[])?);
    }
    Ok(files)
}

/// A file for each scenario and measure, as the layout has no column for either.
fn un(args: &ExportArgs, runs: &[Exported<'_>], out: &Path) -> Result<Vec<PathBuf>, Failure> {
    let country = (args.country_name.as_deref(), args.country_code);
    let mut files = Vec::new();
    for exported in runs {
        let mut batch = Batch::new(out.join("un").join(&exported.run.head.scenario))?;
        for row in exported.run.measures() {
            let measure = row.text("measure");
            batch.add(&format!("{measure}.csv"), |out| export::un_wide(exported, measure, country, out))?;
        }
        files.extend(batch.publish(&[])?);
    }
    Ok(files)
}

fn scoringutils(
    args: &ExportArgs,
    runs: &[Exported<'_>],
    observed: Option<&Observed>,
    out: &Path,
) -> Result<Vec<PathBuf>, Failure> {
    const SAMPLES: &str = "scoringutils-sample.csv";
    let none = Observed::default();
    let observed = observed.unwrap_or(&none);
    let mut batch = Batch::new(out.to_owned())?;
    batch.add("scoringutils-quantile.csv", |out| export::scoringutils_quantiles(runs, &args.model, observed, out))?;
    let mut outdated = vec![SAMPLES];
    if runs.iter().any(|it| it.trials.is_some()) {
        batch.add(SAMPLES, |out| export::scoringutils_samples(runs, &args.model, observed, out))?;
        outdated.clear();
    }
    batch.publish(&outdated)
}

/// The tables of a run that can be put into columns.
#[cfg(feature = "parquet")]
const TABLES: [&str; 13] = [
    "projection",
    "quantiles",
    "distribution",
    "targets",
    "first_passage",
    "drivers",
    "inputs",
    "growth",
    "trials",
    "history",
    "attribution",
    "sensitivity",
    "variance",
];

/// A file for each table, with the rows of all runs that have it.
#[cfg(feature = "parquet")]
fn parquet(found: &[Found], out: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut batch = Batch::new(out.to_owned())?;
    let mut outdated = Vec::new();
    for table in TABLES {
        let name = format!("{table}.parquet");
        let files: Vec<PathBuf> = found.iter().map(|it| it.folder.join(format!("{table}.csv"))).collect();
        let opens: Vec<_> = files.iter().filter(|file| file.is_file()).map(|file| move || open(file)).collect();
        match opens.is_empty() {
            true => outdated.push(name),
            false => {
                let opens: Vec<&Open<'_>> = opens.iter().map(|open| open as &Open<'_>).collect();
                batch.add(&name, |out| export::parquet(&opens, out))?;
            }
        }
    }
    batch.publish(&outdated.iter().map(String::as_str).collect::<Vec<_>>())
}

#[cfg(not(feature = "parquet"))]
fn parquet(_: &[Found], _: &Path) -> Result<Vec<PathBuf>, Failure> {
    refuse_if_left_out(Layout::Parquet).map(|()| Vec::new())
}

/// A workbook of what is there, a comparison of the family included.
fn book(args: &ExportArgs, found: &[Found], out: &Path) -> Result<PathBuf, Failure> {
    let runs: Vec<FinishedRun> = found.iter().map(|it| it.run.clone()).collect();
    let folder = fs::canonicalize(&args.folder).unwrap_or_else(|_| args.folder.clone());
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let title = if let [run] = &runs[..] { run.head.title.clone() } else { name.clone().into_owned() };
    let comparison = comparison(&args.folder)?;
    let folder = Folder::prepare(out.to_owned())?;
    let file = workbook::name(&name);
    let staged = workbook::stage(&folder, &file, &title, &runs, comparison.as_ref())?;
    folder.publish(vec![staged], &[])?;
    Ok(folder.path().join(file))
}

fn comparison(folder: &Path) -> Result<Option<Table>, Failure> {
    let path = folder.join(family::FOLDER).join(family::COMPARISON);
    let refused = |why: String| Failure::Input(format!("cannot read `{}`: {why}", path.display()));
    let bytes = read_if_there(&path).map_err(|error| refused(error.to_string()))?;
    bytes.map(|bytes| Table::read(&bytes[..]).map_err(refused)).transpose()
}
