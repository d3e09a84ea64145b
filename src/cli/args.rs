//! What may be typed. Parsing validates and does nothing else.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, Subcommand, ValueEnum};
use tradewinds::simulate::{Sampling, Shard};

/// Projects the trade between two countries by Monte Carlo
///
/// A scenario file says what is traded today, what may move it and how uncertain that is. `run` simulates it
/// many times over and writes what came out: the mean, the bands and the odds of each year.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100, after_help = EXAMPLES)]
pub struct Args {
    #[command(subcommand)]
    pub command: Command,
}

const EXAMPLES: &str = "\
Examples:
  tradewinds new first              write first.toml, a commented scenario to start from
  tradewinds check first.toml       find every fault in it
  tradewinds run first.toml         simulate it; results in output/
  tradewinds help run               all that `run` can do";

#[derive(Debug, Subcommand)]
pub enum Command {
    Run(RunArgs),
    Merge(MergeArgs),
    Compare(CompareArgs),
    Report(ReportArgs),
    Plot(PlotArgs),
    Check(CheckArgs),
    /// Print the JSON Schema of scenario files
    ///
    /// An editor that knows the schema completes keys and shows what they mean. Most look for it in the first line of
    /// the scenario file, `#:schema ./scenario.schema.json`.
    #[command(after_help = SCHEMA_EXAMPLES)]
    Schema,
    New(NewArgs),
    /// Print completions for a shell
    #[command(after_help = COMPLETIONS_EXAMPLES)]
    Completions {
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    #[command(after_help = MAN_EXAMPLES)]
    Man {
        /// The page of this subcommand instead of the program's
        command: Option<String>,
    },
    Backtest(BacktestArgs),
    Fit(FitArgs),
    Bench(BenchArgs),
    History(HistoryArgs),
    Condition(ConditionArgs),
    Explain(ExplainArgs),
    Export(ExportArgs),
}

const SCHEMA_EXAMPLES: &str = "\
Examples:
  tradewinds schema > scenario.schema.json";

const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  tradewinds completions bash > ~/.local/share/bash-completion/completions/tradewinds
  tradewinds completions fish > ~/.config/fish/completions/tradewinds.fish";

const MAN_EXAMPLES: &str = "\
Examples:
  tradewinds man > ~/.local/share/man/man1/tradewinds.1
  tradewinds man run > ~/.local/share/man/man1/tradewinds-run.1";

/// Simulate scenarios and write their projections
///
/// Every file is checked before anything runs. Results go to OUT/<family>/<scenario id>/, where the family is
/// the name of the folder that holds the scenario file; results of an earlier run there are replaced.
///
/// The same scenario, seed, sampling, measures and number of trials give the same bytes, on any number of threads. Two
/// scenarios run with the same seed share their draws, so their trials can be compared one by one.
#[derive(Debug, clap::Args)]
#[command(after_help = RUN_EXAMPLES)]
pub struct RunArgs {
    /// Scenario files, or folders of them (a folder means its own *.toml, but for those starting with _ or .)
    #[arg(required = true, value_name = "FILE-OR-FOLDER")]
    pub inputs: Vec<PathBuf>,

    /// Make results of this measure and the total only: a flow, exports, imports, balance or one of the scenario's own;
    /// may be given several times, or as a list with commas. Every scenario must have it. Saves time and memory where
    /// there are many; targets are judged all the same [default: all]
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub measure: Vec<String>,

    /// How often to simulate each scenario; 10k, 1e6 and 2M are understood [default: 100k; with --precision 100M]
    #[arg(long, short = 'n', value_name = "N", value_parser = count)]
    pub trials: Option<u64>,

    /// Simulate until the errors of p05, median and p95 of the total in the last period are below this share of the
    /// values, such as 0.2%, or --trials are done
    #[arg(long, value_name = "SHARE", value_parser = share)]
    pub precision: Option<f64>,

    /// How trials are drawn. With `sobol` fewer trials do: they are 16 randomised Sobol sequences of equal length, a
    /// power of two, so --trials is rounded up. Not with --precision. Comparisons and explanations are of random trials
    #[arg(long, value_name = "HOW", default_value = "random")]
    pub sampling: SamplingChoice,

    #[command(flatten)]
    pub common: CommonArgs,

    /// Also write the whole paths of the first N trials: trials.csv
    #[arg(long, value_name = "N", value_parser = count)]
    pub paths: Option<u64>,

    /// Also write growth rates and sums since the base year: growth.csv
    #[arg(long)]
    pub growth: bool,

    /// Also write workbooks: one beside the files of each scenario, and one of the family, in which the scenarios that
    /// extend another are compared with it. Includes --growth
    #[arg(long)]
    pub xlsx: bool,

    /// Also write a page with charts of each family, in which the scenarios that extend another are compared with it:
    /// OUT/<family>/report.html
    #[arg(long, conflicts_with = "shard")]
    pub report: bool,

    /// Also say which driver and which uncertain input matters in each scenario, for the page and the workbooks: what
    /// `explain` writes by default, which takes longer than the run itself; with --measure, of those measures
    #[arg(long, conflicts_with = "shard")]
    pub explain: bool,

    /// Run only part I of N of the trials and save what it found: part-I-of-N.twpart, for `merge`
    #[arg(long, value_name = "I/N", value_parser = shard, conflicts_with_all = ["paths", "excel", "precision", "xlsx"])]
    pub shard: Option<Shard>,

    /// Go on from where a run with the same options was stopped; long runs save that every 10 seconds
    #[arg(long)]
    pub resume: bool,

    /// Seconds between the checkpoints of a long run
    #[arg(long, value_name = "S", default_value = "10", value_parser = seconds, hide = true)]
    pub checkpoint_seconds: Duration,
}

/// How trials are drawn.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum SamplingChoice {
    /// Independently
    Random,
    /// From scrambled Sobol sequences: inputs, and the leading dimensions of the noise
    Sobol,
}

impl From<SamplingChoice> for Sampling {
    fn from(choice: SamplingChoice) -> Sampling {
        match choice {
            SamplingChoice::Random => Sampling::Random,
            SamplingChoice::Sobol => Sampling::Sobol,
        }
    }
}

const RUN_EXAMPLES: &str = "\
Examples:
  tradewinds run scenarios/pak-kaz                       every scenario of a family
  tradewinds run baseline.toml --trials 10k              a quick look
  tradewinds run scenarios/pak-kaz --trials 1M --growth  more trials, and growth rates
  tradewinds run baseline.toml --paths 500 --excel=eu    joint paths, for a European spreadsheet
  tradewinds run scenarios/pak-kaz --xlsx                a workbook of the family, with fan charts
  tradewinds run scenarios/pak-kaz --xlsx --report --explain  all there is to look at
  tradewinds run baseline.toml --measure exports         of exports and the total alone
  tradewinds run baseline.toml --precision 0.2%          as many trials as that takes
  tradewinds run baseline.toml --sampling sobol          smaller errors from as many trials
  tradewinds run baseline.toml --trials 1e9 --resume     a run that was stopped goes on
  tradewinds run baseline.toml --trials 1e9 --shard 3/8  the third of eight parts, for `merge`

Exit status: 0 done, 1 failed, 2 bad input or usage (nothing is written), 130 stopped by Ctrl-C.";

/// What every simulation can be told.
#[derive(Debug, clap::Args)]
pub struct CommonArgs {
    /// The seed of all draws
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,

    /// How many threads simulate; 0 for one a core. Changes no result
    #[arg(long, value_name = "N", default_value = "0", hide_default_value = true, value_parser = threads)]
    pub threads: usize,

    /// The folder that results go to
    #[arg(long, short, value_name = "FOLDER", default_value = "output")]
    pub out: PathBuf,

    /// Write CSV that a spreadsheet opens with a double click; `eu` for decimal commas and semicolons
    #[arg(long, value_name = "LOCALE", num_args = 0..=1, require_equals = true, default_missing_value = "us")]
    pub excel: Option<Locale>,

    /// No progress bar and no summary; faults and warnings are still shown
    #[arg(long, short)]
    pub quiet: bool,
}

/// Compare scenarios with a base, trial by trial
///
/// All of them are simulated together on the same draws, and each trial of one is set against the same trial of the
/// base. So a difference is what the change makes and nothing else. The differences go to
/// OUT/<family of the base>/compare/comparison.csv.
///
/// Two files projection.csv of earlier runs can be compared too, column by column. That is unpaired: it says how two
/// distributions differ, not how trials do. Their differences are printed.
#[derive(Debug, clap::Args)]
#[command(after_help = COMPARE_EXAMPLES)]
pub struct CompareArgs {
    /// The scenario file that the others are compared with, or a projection.csv
    #[arg(value_name = "BASE")]
    pub base: PathBuf,

    /// Scenario files, or folders of them; or one projection.csv
    #[arg(required = true, value_name = "OTHER")]
    pub others: Vec<PathBuf>,

    /// Compare this measure and the total only: a flow, exports, imports, balance or an own one of a scenario; may be
    /// given several times, or as a list with commas. One of those compared must have it [default: all]
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub measure: Vec<String>,

    /// How often to simulate each scenario; 10k, 1e6 and 2M are understood
    #[arg(long, short = 'n', value_name = "N", default_value = "100000", value_parser = count)]
    pub trials: u64,

    /// Also write a workbook of the comparison and the projections of all scenarios: comparison.xlsx
    #[arg(long)]
    pub xlsx: bool,

    #[command(flatten)]
    pub common: CommonArgs,
}

impl CompareArgs {
    /// All files and folders, the base first.
    pub fn inputs(&self) -> impl Iterator<Item = &PathBuf> {
        std::iter::once(&self.base).chain(&self.others)
    }
}

const COMPARE_EXAMPLES: &str = "\
Examples:
  tradewinds compare baseline.toml no-flights.toml       what the flights are worth
  tradewinds compare pak-kaz/baseline.toml pak-kaz       every scenario of a family against one
  tradewinds compare pak-kaz/baseline.toml pak-kaz --xlsx    and a workbook of it
  tradewinds compare baseline.toml war.toml --measure exports     of exports and the total alone
  tradewinds compare baseline.toml war.toml --trials 1M  smaller simulation errors
  tradewinds compare output/a/base/projection.csv output/b/base/projection.csv > differences.csv

Exit status: 0 done, 1 failed, 2 bad input or usage (nothing is written), 130 stopped by Ctrl-C.";

/// Say which driver and which uncertain input matters
///
/// Splits the change since the base year into what the trend, each driver and the noise are worth, so that the parts
/// add up to the whole; says how far each uncertain input moves the outcome, and how much of the variance comes from
/// not knowing the inputs, from chance events and from noise. Results go to OUT/<family>/<scenario id>/:
/// attribution.csv, sensitivity.csv and variance.csv, beside those of `run`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXPLAIN_EXAMPLES)]
pub struct ExplainArgs {
    /// Scenario files, or folders of them
    #[arg(required = true, value_name = "SCENARIO")]
    pub inputs: Vec<PathBuf>,

    /// Trials behind the attribution, and in each of the runs behind the sensitivities: two, and three an input
    #[arg(long, short = 'n', value_name = "N", default_value = "10000", value_parser = count)]
    pub trials: u64,

    /// Explain this measure; may be given several times, or as a list with commas [default: attribution of all
    /// measures, the rest of exports, imports, total, balance and own measures]
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub measure: Vec<String>,

    /// Show this year, and compute the sensitivities for it only [default: show the last year of a target or the last
    /// year, and compute all]
    #[arg(long, value_name = "YEAR")]
    pub year: Option<i32>,

    #[command(flatten)]
    pub common: CommonArgs,
}

const EXPLAIN_EXAMPLES: &str = "\
Examples:
  tradewinds explain baseline.toml                         what moves the total, and what makes it uncertain
  tradewinds explain baseline.toml --year 2030             the same in another year
  tradewinds explain baseline.toml --measure exports       of the exports
  tradewinds explain scenarios/pak-kaz --trials 50k        a family, with smaller simulation errors

Exit status: 0 done, 1 failed, 2 bad input or usage (nothing is written), 130 stopped by Ctrl-C.";

/// Put the parts of a run together
///
/// PART is a file that `run --shard I/N` wrote. All N parts of a run give the same files, byte for byte, as the run
/// without --shard; run.json has its own. They may come from several machines, in any order, and be of several
/// scenarios. Each holds its scenario, so the files that it came from are not needed.
///
/// Parts that are damaged, missing, double, of another run or of another version are named and nothing is written.
#[derive(Debug, clap::Args)]
#[command(after_help = MERGE_EXAMPLES)]
pub struct MergeArgs {
    /// The parts, in any order
    #[arg(required = true, value_name = "PART")]
    pub parts: Vec<PathBuf>,

    /// The folder that results go to
    #[arg(long, short, value_name = "FOLDER", default_value = "output")]
    pub out: PathBuf,

    /// Also write the whole paths of the first N trials: trials.csv
    #[arg(long, value_name = "N", value_parser = count)]
    pub paths: Option<u64>,

    /// Write CSV that a spreadsheet opens with a double click; `eu` for decimal commas and semicolons
    #[arg(long, value_name = "LOCALE", num_args = 0..=1, require_equals = true, default_missing_value = "us")]
    pub excel: Option<Locale>,

    /// Also write a workbook beside the files of each scenario
    #[arg(long)]
    pub xlsx: bool,

    /// No summary; faults and warnings are still shown
    #[arg(long, short)]
    pub quiet: bool,
}

const MERGE_EXAMPLES: &str = "\
Examples:
  tradewinds merge output/*/*/part-*-of-8.twpart
  tradewinds merge machine-*/pak-kaz/baseline/*.twpart --out output --paths 500

Exit status: 0 done, 1 failed, 2 parts that do not make up a whole (nothing is written), 130 stopped by Ctrl-C.";

/// Learn from observed history, then project
///
/// The scenario's base year stands before its history, so that every trial has a simulated past. Trials whose past fits
/// what reporters said count for more, and so the inputs, the noise and the present state are learned. Results go to
/// OUT/<family>/<scenario id>/condition/, with the prior of each input beside its posterior in inputs.csv, and each
/// observation beside what was to be expected in observations.csv.
///
/// If too few trials fit the history for the results to mean anything, it says so and ends with exit status 1.
#[derive(Debug, clap::Args)]
#[command(after_help = CONDITION_EXAMPLES)]
pub struct ConditionArgs {
    /// Scenario files with a [history], or folders of them
    #[arg(required = true, value_name = "SCENARIO")]
    pub inputs: Vec<PathBuf>,

    /// Make results of this measure and the total only: a flow, exports, imports, balance or one of the scenario's own;
    /// may be given several times, or as a list with commas. Every scenario must have it, and learns from all that was
    /// observed [default: all]
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub measure: Vec<String>,

    /// How often to simulate each scenario; 10k, 1e6 and 2M are understood
    #[arg(long, short = 'n', value_name = "N", default_value = "100000", value_parser = count)]
    pub trials: u64,

    /// Where fewer than 400 trials would count, let the history count for less until as many do
    #[arg(long)]
    pub temper: bool,

    #[command(flatten)]
    pub common: CommonArgs,

    /// Also write the whole paths of N trials, spread over those that count: trials.csv
    #[arg(long, value_name = "N", value_parser = count)]
    pub paths: Option<u64>,

    /// Also write growth rates and sums since the base year: growth.csv
    #[arg(long)]
    pub growth: bool,
}

const CONDITION_EXAMPLES: &str = "\
Examples:
  tradewinds condition scenarios/tutorial/04-history.toml   learn from the history it names
  tradewinds condition learned.toml --trials 1M             when too few trials count
  tradewinds condition learned.toml --temper                go on all the same, and say so
  tradewinds run learned.toml && tradewinds condition learned.toml && tradewinds compare \\
    output/a/learned/projection.csv output/a/learned/condition/projection.csv > learned.csv

Exit status: 0 done, 1 failed or too few trials count, 2 bad input or usage (nothing is written), 130 stopped by Ctrl-C.";
/// Write a page with charts of finished results
///
/// FOLDER is what `run` wrote for a family, OUT/<family>, or for one scenario. The page has fan charts of every
/// measure, the scenarios over each other, targets, drivers, inputs and how it was made, with the data behind each
/// chart. What `compare`, `explain`, `run --growth` and `backtest` left in the folder is shown too. It is one file that
/// opens in a browser without a network, and can be sent on as it is.
#[derive(Debug, clap::Args)]
#[command(after_help = REPORT_EXAMPLES)]
pub struct ReportArgs {
    /// A folder with results: of a family, or of one scenario
    #[arg(value_name = "FOLDER")]
    pub folder: PathBuf,

    /// The page [default: FOLDER/report.html]
    #[arg(long, short, value_name = "FILE")]
    pub out: Option<PathBuf>,

    /// Do not say where the page is; faults and warnings are still shown
    #[arg(long, short)]
    pub quiet: bool,
}

const REPORT_EXAMPLES: &str = "\
Examples:
  tradewinds report output/pak-kaz                       every scenario of a family on one page
  tradewinds report output/pak-kaz/baseline -o base.html one of them
  tradewinds run scenarios/pak-kaz --report              simulate, then write the page

Exit status: 0 done, 1 failed, 2 bad input or usage (nothing is written).";

/// Draw a fan chart for a paper, as SVG or PNG
///
/// The chart shows the median and central bands from 10 to 90 % of one measure over time. It needs no browser and no
/// font of the machine. The program has to be built with `--features plot` for this.
#[derive(Debug, clap::Args)]
#[command(after_help = PLOT_EXAMPLES)]
pub struct PlotArgs {
    /// The folder of one scenario's results, or its projection.csv
    #[arg(value_name = "FOLDER-OR-FILE")]
    pub input: PathBuf,

    /// What to draw: a flow, exports, imports, total, balance, or a measure of the scenario's own
    #[arg(long, value_name = "ID", default_value = "total")]
    pub measure: String,

    /// The line at the top, instead of one made from the measure
    #[arg(long, value_name = "TEXT")]
    pub title: Option<String>,

    /// The picture [default: fan-<measure>.svg or .png in the folder]
    #[arg(long, short, value_name = "FILE")]
    pub out: Option<PathBuf>,

    /// What kind of picture [default: what FILE ends with, or svg]
    #[arg(long, value_enum)]
    pub format: Option<Picture>,

    /// Do not say where the picture is
    #[arg(long, short)]
    pub quiet: bool,
}

/// Kinds of pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Picture {
    /// Lines and areas, sharp at any size
    Svg,
    /// Dots, 2,160 by 1,350
    Png,
}

const PLOT_EXAMPLES: &str = "\
Examples:
  tradewinds plot output/pak-kaz/baseline                            the total, as SVG
  tradewinds plot output/pak-kaz/baseline --measure exports -o x.png
  tradewinds plot output/pak-kaz/baseline/projection.csv --title \"Trade, million dollars\"

Exit status: 0 done, 1 failed, 2 bad input or usage (nothing is written).";

/// How a spreadsheet writes numbers.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Locale {
    /// 1234.5, separated by commas
    Us,
    /// 1234,5, separated by semicolons
    Eu,
}

/// Find every fault of scenario files without running them
///
/// All faults of all files are shown at once, each under the line that has it.
#[derive(Debug, clap::Args)]
#[command(after_help = CHECK_EXAMPLES)]
pub struct CheckArgs {
    /// Scenario files, or folders of them; - for standard input
    #[arg(required = true, value_name = "FILE-OR-FOLDER")]
    pub inputs: Vec<PathBuf>,

    /// Print each scenario with its overlays put together, and which file set each key
    #[arg(long)]
    pub explain: bool,
}

const CHECK_EXAMPLES: &str = "\
Examples:
  tradewinds check scenarios/pak-kaz
  tradewinds check --explain scenarios/pak-kaz/corridor.toml
  generate-scenario | tradewinds check -

Exit status: 0 sound, 2 faults found.";

/// Look at a table of observed trade
///
/// Reads CSV as it is downloaded: UN Comtrade, CEPII BACI, WITS, the IMF, SDMX-CSV, or any table whose header names
/// columns such as from, to, year and value; --columns names others. Says what series it holds, over which years, with
/// which gaps and zeros, how they grew and how much they scatter, and how the reporters of one flow differ.
///
/// All faults are told with their lines: doubles, values that cannot be, units that do not fit.
///
/// Of a scenario file it shows what its `[history]` observes.
#[derive(Debug, clap::Args)]
#[command(after_help = HISTORY_EXAMPLES)]
pub struct HistoryArgs {
    /// The table, - for standard input; or a scenario file
    #[arg(value_name = "FILE")]
    pub file: PathBuf,

    /// Only what comes from here, such as PAK
    #[arg(long, value_name = "COUNTRY")]
    pub from: Option<String>,

    /// Only what goes here
    #[arg(long, value_name = "COUNTRY")]
    pub to: Option<String>,

    #[command(flatten)]
    pub table: TableArgs,

    /// Print the observations as a tidy table that this program reads
    #[arg(long, conflicts_with = "json")]
    pub csv: bool,

    /// Print the summary as JSON
    #[arg(long)]
    pub json: bool,

    /// Show all series
    #[arg(long)]
    pub all: bool,
}

/// What a table of observed trade does not say itself
#[derive(Debug, clap::Args)]
pub struct TableArgs {
    /// Which column is what, such as from=exporter,value=trade_usd; what stands in every row is written reporter==USA
    #[arg(long, value_name = "ROLE=COLUMN,..")]
    pub columns: Option<String>,

    /// What values are counted in, such as "thousand USD"
    #[arg(long, value_name = "UNIT")]
    pub unit: Option<String>,

    /// How values are valued where the table does not say; where it says both, which of them to take
    #[arg(long, value_name = "fob|cif", hide_possible_values = true)]
    pub valuation: Option<ValuationWord>,

    /// Whether products are summed (the table's own total, or its coarsest codes) or kept apart
    #[arg(long, value_name = "sum|each", default_value = "sum", hide_possible_values = true)]
    pub products: ProductsWord,

    /// Keep groups of countries, such as the world
    #[arg(long)]
    pub groups: bool,
}

const HISTORY_EXAMPLES: &str = "\
Examples:
  tradewinds history comtrade.csv                         what is in it
  tradewinds history comtrade.csv --from PAK --to KAZ     one flow, as its reporters state it
  tradewinds history BACI_HS17_Y2022.csv --csv > all.csv  totals of all pairs, products summed
  tradewinds history panel.csv --columns from=exporter,to=importer,year=t,value=v --unit \"thousand USD\"
  gzip -dc dots.csv.gz | tradewinds history - --json
  tradewinds history baseline.toml                        what its [history] observes

Exit status: 0 done, 2 faults found.";

/// What is counted into the value of goods.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum ValuationWord {
    /// At the exporter's border
    Fob,
    /// With insurance and freight
    Cif,
}

/// What becomes of products.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum ProductsWord {
    /// One series for all
    Sum,
    /// A series for each
    Each,
}

/// Write a commented scenario to start from
///
/// The new file is NAME.toml. It passes `check` as it is, and an existing file is never overwritten.
#[derive(Debug, clap::Args)]
#[command(after_help = NEW_EXAMPLES)]
pub struct NewArgs {
    /// The id of the scenario: letters, digits, `_`, `.` and `-`
    pub name: String,

    /// The folder to write to, made if need be; its name becomes the scenario's family
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    pub dir: PathBuf,
}

const NEW_EXAMPLES: &str = "\
Examples:
  tradewinds new first
  tradewinds new baseline --dir scenarios/pak-kaz";

/// Measure how fast a scenario is simulated on this machine
///
/// Whole runs are timed in turn, one on each number of threads a round, from the checked scenario to the bytes of all
/// its tables. Nothing is written to files. A median over rounds and the fastest and slowest run are given; on a busy
/// machine they are far apart.
///
/// A flow-step is one flow at one step of one trial. Times per flow-step and core let runs of different scenarios,
/// sizes and machines be compared.
#[derive(Debug, clap::Args)]
#[command(after_help = BENCH_EXAMPLES)]
pub struct BenchArgs {
    /// A scenario file; - for standard input
    #[arg(value_name = "SCENARIO")]
    pub scenario: PathBuf,

    /// Trials a run; 10k, 1e6 and 2M are understood [default: as many as take about a second on one thread]
    #[arg(long, short = 'n', value_name = "N", value_parser = count)]
    pub trials: Option<u64>,

    /// The seed of all draws
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,

    /// Numbers of threads, such as 1,2,4 [default: 1, 2, 4 .. and one a core]
    #[arg(long, value_name = "N,N..", value_delimiter = ',', value_parser = some_threads)]
    pub threads: Vec<usize>,

    /// How often each number of threads is timed
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub rounds: u32,

    /// The vector instructions to use. Changes no result
    #[arg(long, value_name = "WHICH", default_value = "widest")]
    pub vectors: VectorChoice,

    /// Print a record for programs instead of a table
    #[arg(long)]
    pub json: bool,

    /// No progress bar
    #[arg(long, short)]
    pub quiet: bool,
}

/// Write finished results in the layouts that other tools read
///
/// FOLDER is what `run` wrote for a scenario, or the folder above it with all scenarios of a family. The figures stay
/// the same to the last digit; only their places change. Files go to FOLDER/export/.
#[derive(Debug, clap::Args)]
#[command(after_help = EXPORT_EXAMPLES)]
pub struct ExportArgs {
    /// Results of a run: output/<family> or output/<family>/<scenario id>
    #[arg(value_name = "FOLDER")]
    pub folder: PathBuf,

    /// The layout
    #[arg(long, value_enum)]
    pub format: Layout,

    /// The folder that files go to [default: FOLDER/export]
    #[arg(long, short, value_name = "FOLDER")]
    pub out: Option<PathBuf>,

    /// The name of the model in iamc, hub and scoringutils: letters, digits and `_`
    #[arg(long, value_name = "NAME", default_value = "tradewinds", value_parser = hub_name)]
    pub model: String,

    /// The name of the team in hub: letters, digits and `_`
    #[arg(long, value_name = "NAME", default_value = "own", value_parser = hub_name)]
    pub team: String,

    /// What was observed, for scoringutils and hub: a CSV file with the columns period (or year), measure and value
    #[arg(long, value_name = "FILE")]
    pub observed: Option<PathBuf>,

    /// The country in un [default: the reporter's id]
    #[arg(long, value_name = "NAME")]
    pub country_name: Option<String>,

    /// Its numeric code in un, such as 586 for Pakistan [default: an empty cell]
    #[arg(long, value_name = "CODE")]
    pub country_code: Option<u32>,

    /// Do not list the files; faults and warnings are still shown
    #[arg(long, short)]
    pub quiet: bool,
}

/// Vector instructions that can be asked for.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum VectorChoice {
    /// The widest that the machine has
    Widest,
    /// AVX2 at most
    Avx2,
    /// Those that every machine of this kind has
    Baseline,
}

const BENCH_EXAMPLES: &str = "\
Examples:
  tradewinds bench baseline.toml                       a table
  tradewinds bench baseline.toml --trials 1M --json    a record, the same work on every machine
  tradewinds bench baseline.toml --threads 1 --vectors baseline

Exit status: 0 done, 1 failed, 2 bad input or usage, 130 stopped by Ctrl-C.";

/// What other tools read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Layout {
    /// IAMC, for pyam: wide and long
    Iamc,
    /// hubverse model output
    Hub,
    /// United Nations variants, a file a scenario and measure
    Un,
    /// scoringutils: quantiles, and samples of a run with --paths
    Scoringutils,
    /// Apache Parquet, a file a table
    Parquet,
    /// A workbook of what is there
    Xlsx,
}

const EXPORT_EXAMPLES: &str = "\
Examples:
  tradewinds export output/pak-kaz --format iamc              all scenarios, for pyam
  tradewinds export output/pak-kaz --format hub --team moc    model-output/moc-tradewinds/..
  tradewinds export output/pak-kaz/baseline --format un --country-name Pakistan --country-code 586
  tradewinds export output/pak-kaz --format scoringutils --observed trade.csv

Exit status: 0 done, 1 failed, 2 bad input or usage (nothing is written), 130 stopped by Ctrl-C.";

/// More threads than any machine has cores only take memory.
fn threads(text: &str) -> Result<usize, String> {
    const MOST: usize = 1024;
    let threads = text.parse().ok().filter(|threads| *threads <= MOST);
    threads.ok_or_else(|| format!("a whole number from 0 to {MOST} is needed"))
}

/// A number of threads of one's own choice.
fn some_threads(text: &str) -> Result<usize, String> {
    threads(text)?.checked_sub(1).map(|rest| rest + 1).ok_or_else(|| "at least one thread is needed".to_owned())
}

/// A number of trials: `100000`, `100_000`, `1e6`, `10k` or `2M`.
fn count(text: &str) -> Result<u64, String> {
    const RIGHT: &str = "a whole number from 1 on, such as 100000, 100_000, 1e6, 10k or 2M, is needed";
    let digits = text.replace('_', "");
    let (number, unit) = match digits.char_indices().next_back() {
        Some((at, 'k' | 'K')) => (&digits[..at], 1e3),
        Some((at, 'M')) => (&digits[..at], 1e6),
        _ => (&digits[..], 1.0),
    };
    let value = number.parse::<f64>().map_err(|_| RIGHT)? * unit;
    let exact = 1.0..=9_007_199_254_740_992.0;
    match exact.contains(&value) && value.fract() == 0.0 {
        true => Ok(value as u64),
        false => Err(RIGHT.to_owned()),
    }
}

/// One of several parts: `3/8`.
fn shard(text: &str) -> Result<Shard, String> {
    const MOST: u64 = 1_000_000;
    let numbers = text.split_once('/').and_then(|(number, count)| Some((number.parse().ok()?, count.parse().ok()?)));
    match numbers {
        Some((number, count)) if (1..=count).contains(&number) && count <= MOST => Ok(Shard { number, count }),
        _ => Err("I/N is needed, the I-th of N parts, such as 1/8 or 8/8".to_owned()),
    }
}

/// A share above 0 and below 1: `0.2%` or `0.002`.
fn share(text: &str) -> Result<f64, String> {
    let (number, unit) = text.strip_suffix('%').map_or((text, 1.0), |number| (number, 100.0));
    let share = number.trim_end().parse().map(|number: f64| number / unit);
    let share = share.ok().filter(|share| *share > 0.0 && *share < 1.0);
    share.ok_or_else(|| "a share above 0 % and below 100 % is needed, such as 0.2% or 0.002".to_owned())
}

/// A name that stands between hyphens in the name of a file.
fn hub_name(text: &str) -> Result<String, String> {
    let allowed = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    match !text.is_empty() && text.chars().all(allowed) {
        true => Ok(text.to_owned()),
        false => Err("letters, digits and `_` are needed".to_owned()),
    }
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    seconds.ok_or_else(|| "a number of seconds is needed".to_owned())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn definitions_are_sound() {
        Args::command().debug_assert();
    }

    #[test]
    fn shares_as_people_write_them() {
        for text in ["0.2%", "0.2 %", "0.002", "2e-3"] {
            assert_eq!(share(text), Ok(0.002), "{text}");
        }
        for text in ["", "%", "0", "-1%", "100%", "2", "nan", "inf%", "0.2%%"] {
            assert!(share(text).is_err(), "{text}");
        }
    }

    #[test]
    fn parts_as_people_write_them() {
        assert_eq!(shard("3/8"), Ok(Shard { number: 3, count: 8 }));
        for text in ["0/8", "9/8", "1/0", "1", "1/", "/1", "1/2/3", "-1/2", "1/1000001"] {
            assert!(shard(text).is_err(), "{text}");
        }
    }

    #[test]
    fn counts_as_people_write_them() {
        let cases = [("100000", 100_000), ("100_000", 100_000), ("1e6", 1_000_000), ("10k", 10_000), ("2M", 2_000_000)];
        for (text, expected) in cases {
            assert_eq!(count(text), Ok(expected), "{text}");
        }
        assert_eq!(count("1.5k"), Ok(1500));
        for text in ["", "_", "0", "-5", "1.5", "k", "1e-3", "1e30", "nan", "inf", "ten", "5m"] {
            assert!(count(text).is_err(), "{text}");
        }
    }
}

/// Score forecasts of observed trade against what came
///
/// At the end of each year the model is fitted to what was known by then and forecasts every flow some years ahead;
/// so do simple rivals: no change, a random walk with drift, the Theta method, and what --benchmark brings. Scores are
/// of the logarithm of trade. They are taken on every stretch of at least 14 years without a gap or zero, at every year
/// with at least 12 observations behind it. A year in which a flow was zero or not observed ends its stretch and is not
/// scored; it is counted. With OUT the folder of a family of results, `tradewinds report` shows the scores.
#[derive(Debug, clap::Args)]
#[command(after_help = BACKTEST_EXAMPLES)]
pub struct BacktestArgs {
    /// A table of observed trade, such as from,to,year,value
    #[arg(value_name = "PANEL.csv")]
    pub panel: PathBuf,

    #[command(flatten)]
    pub table: TableArgs,

    /// Years ahead
    #[arg(long, value_name = "YEARS", value_delimiter = ',', default_value = "1,3,5,10",
          value_parser = clap::value_parser!(u32).range(1..=50))]
    pub horizons: Vec<u32>,

    /// What other models forecast, to be scored beside: model,from,to,origin,horizon,mean,sd, of the natural logarithm
    /// of million USD; flows as `tradewinds history --csv` writes them
    #[arg(long, value_name = "FILE.csv")]
    pub benchmark: Vec<PathBuf>,

    /// The folder for backtest.csv and pit.csv
    #[arg(long, value_name = "DIR", default_value = "output")]
    pub out: PathBuf,

    /// Say nothing but errors
    #[arg(long, short)]
    pub quiet: bool,
}

const BACKTEST_EXAMPLES: &str = "\
Examples:
  tradewinds backtest trade.csv
  tradewinds backtest trade.csv --horizons 1,2,5 --out output/skill
  tradewinds backtest panel.csv --columns from=exporter,to=importer,year=t,value=v --unit \"thousand USD\"
  tradewinds backtest trade.csv --benchmark ets.csv         beside what another program forecast

Exit status: 0 done, 1 it failed or was stopped, 2 the table is not usable.";

/// Estimate trend and noise from observed trade and write them as an overlay
///
/// A flow with few observations borrows from the whole panel what its own cannot settle. Where both countries report a
/// flow, what they disagree by is estimated as bias and error of the reporters and is not taken for noise of the trade.
/// With --extends the overlay lies on that scenario: each flow takes the estimates of the direction it goes in. It
/// finds that scenario beside itself.
#[derive(Debug, clap::Args)]
#[command(after_help = FIT_EXAMPLES)]
pub struct FitArgs {
    /// A table of observed trade, such as from,to,year,value
    #[arg(value_name = "HISTORY.csv")]
    pub table: PathBuf,

    #[command(flatten)]
    pub form: TableArgs,

    /// More tables to learn from, what is typical of flows of a size; as `tradewinds history --csv` writes them, if
    /// they do not say themselves what they hold
    #[arg(long, value_name = "FILE")]
    pub panel: Vec<PathBuf>,

    /// Estimate the two flows between these countries; otherwise all flows
    #[arg(long, value_name = "A,B", value_delimiter = ',', num_args = 1)]
    pub pair: Vec<String>,

    /// Whose statistics of the pair to take [default: of the two countries the one whose series
    /// ends last, then the longest]
    #[arg(long, value_name = "COUNTRY")]
    pub reporter: Option<String>,

    /// The last year to look at [default: the scenario's base year, else the last there is]
    #[arg(long, value_name = "YEAR")]
    pub until: Option<i32>,

    /// The scenario to lie on
    #[arg(long, value_name = "SCENARIO.toml")]
    pub extends: Option<PathBuf>,

    /// Drivers of that scenario whose doings the observed noise holds already: the overlay turns them off
    #[arg(long, value_name = "ID,..", value_delimiter = ',', requires = "extends")]
    pub counted: Vec<String>,

    /// The overlay to write [default: fitted.toml, beside the scenario]
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,

    /// Say nothing but errors
    #[arg(long, short)]
    pub quiet: bool,
}

const FIT_EXAMPLES: &str = "\
Examples:
  tradewinds fit trade.csv
  tradewinds fit pair.csv --panel trade.csv --pair PAK,KAZ --until 2022 --extends baseline.toml

Exit status: 0 done, 1 it failed or was stopped, 2 the tables or the scenario are not usable.";
