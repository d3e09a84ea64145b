//! Counts the instructions of each stage under valgrind and holds them against `instructions.csv`: a guard against
//! regressions that needs no quiet machine.
//!
//! ```sh
//! cargo bench --bench instructions               # fails if a stage needs more than it did
//! cargo bench --bench instructions -- --save     # after a change that is meant: writes the new counts
//! ```
//!
//! A stage is run twice in processes of their own, a few goes and more of them; the difference is the cost of the
//! goes, without that of starting. Vectors are limited, so that the counts do not depend on the machine.

mod workloads;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use tradewinds::vector::Vectors;
use workloads::Stage;

/// How much a count may move: what differs between runs is the order of hash maps and who waits for whom.
const TOLERANCE: f64 = 0.03;
/// How much it may move under another compiler.
const OTHER_COMPILER: f64 = 0.3;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    match &arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["--stage", name, vectors, goes] => {
            run_stage(name, vectors, goes.parse().expect("a number of goes"));
            ExitCode::SUCCESS
        }
        [] => check(),
        ["--save"] => save(),
        _ => fail("usage: cargo bench --bench instructions [-- --save]"),
    }
}

fn fail(message: &str) -> ExitCode {
    eprintln!("error: {message}");
    ExitCode::FAILURE
}

/// What is counted: every stage with AVX2, and the whole workload with what every machine has.
fn counted() -> Vec<(String, &'static str, u64)> {
    let stages = workloads::all(Vectors::baseline()).into_iter().map(|stage| (stage.name.to_owned(), stage.items));
    let stages: Vec<(String, u64)> = stages.collect();
    let narrow = stages.iter().filter(|(name, _)| name == "reference workload");
    let narrow = narrow.map(|(name, items)| (name.clone(), "baseline", *items));
    let wide = stages.iter().filter(|_| Vectors::avx2().is_some());
    wide.map(|(name, items)| (name.clone(), "avx2", *items)).chain(narrow).collect()
}

fn vectors(name: &str) -> Vectors {
    match name {
        "avx2" => Vectors::avx2().expect("the machine has AVX2, in valgrind too"),
        _ => Vectors::baseline(),
    }
}

fn run_stage(name: &str, vectors_: &str, goes: u64) {
    let stage: Stage = workloads::all(vectors(vectors_)).into_iter().find(|stage| stage.name == name).expect("a stage");
    let mut go = (stage.make)();
    for _ in 0..goes {
        go();
    }
}

/// Instructions an item of every stage, by name and vectors.
fn count_all() -> Result<BTreeMap<(String, String), f64>, String> {
    counted()
        .into_iter()
        .map(|(name, vectors, items)| {
            // Rows of trials are short, files are long enough in one go. What a whole run takes depends by some per
            // cent on the memory that earlier ones left: ten of them settle that.
            let (few, many) = match items {
                0..1000 => (1, 3),
                1000..100_000 => (20, 120),
                _ => (2, 12),
            };
            let cost = count(&name, vectors, many)? as f64 - count(&name, vectors, few)? as f64;
            Ok(((name, vectors.to_owned()), cost / (items * (many - few)) as f64))
        })
        .collect()
}

/// Instructions of a whole process.
fn count(name: &str, vectors: &str, goes: u64) -> Result<u64, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let mut command = Command::new("valgrind");
    command.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]).arg(program);
    command.args(["--stage", name, vectors, &goes.to_string()]);
    let output = command.output().map_err(|error| format!("valgrind cannot be started ({error}): install it"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    let collected = said.lines().filter_map(|line| line.split_once("Collected :")).next_back();
    let collected = collected.and_then(|(_, count)| count.trim().parse().ok());
    collected.filter(|_| output.status.success()).ok_or_else(|| format!("stage `{name}` under valgrind: {said}"))
}

fn file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/instructions.csv")
}

fn compiler() -> String {
    let version = Command::new("rustc").arg("--version").output();
    version.map_or_else(|_| "unknown".into(), |output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn save() -> ExitCode {
    let counts = match count_all() {
        Ok(counts) => counts,
        Err(error) => return fail(&error),
    };
    let mut text = format!("# {}\nstage,vectors,instructions_an_item\n", compiler());
    for ((name, vectors), count) in counts {
        text += &format!("\"{name}\",{vectors},{count:.4}\n");
    }
    print!("{text}");
    std::fs::write(file(), text).map_or_else(|error| fail(&error.to_string()), |()| ExitCode::SUCCESS)
}

fn check() -> ExitCode {
    let text = std::fs::read_to_string(file()).unwrap_or_default();
    let same_compiler = text.lines().next().is_some_and(|line| line.trim_start_matches("# ") == compiler());
    let tolerance = if same_compiler { TOLERANCE } else { OTHER_COMPILER };
    let counts = match count_all() {
        Ok(counts) => counts,
        Err(error) => return fail(&error),
    };
    println!("{:<34} {:<9} {:>12} {:>12} {:>8}", "stage", "vectors", "was", "is", "change");
    let mut wrong = 0;
    for ((name, vectors), is) in &counts {
        let was = saved(&text, name, vectors);
        let change = was.map_or(f64::INFINITY, |was| is / was - 1.0);
        // Less is as wrong: the saved count would let the next regression pass.
        let fits = change.abs() <= tolerance;
        wrong += u32::from(!fits);
        let (was, mark) = (was.unwrap_or(f64::NAN), if fits { "" } else { "  <-" });
        println!("{name:<34} {vectors:<9} {was:>12.4} {is:>12.4} {:>6.1} %{mark}", 100.0 * change);
    }
    println!("{} stages, {wrong} beyond {:.0} % (compiler {})", counts.len(), 100.0 * tolerance, compiler());
    match wrong {
        0 => ExitCode::SUCCESS,
        _ => fail("counts have moved; if that is meant: cargo bench --bench instructions -- --save"),
    }
}

fn saved(text: &str, name: &str, vectors: &str) -> Option<f64> {
    let start = format!("\"{name}\",{vectors},");
    text.lines().find_map(|line| line.strip_prefix(&start))?.parse().ok()
}
