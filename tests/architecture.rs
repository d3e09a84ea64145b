//! The map in ARCHITECTURE.md, held by the build: who may import whom, and who may touch the world.

use std::fs;
use std::path::{Path, PathBuf};

/// A source file: its module (the first part of its path under `src`), its path, and its lines without comments.
struct File {
    module: String,
    path: String,
    lines: Vec<String>,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn sources() -> Vec<File> {
    let mut found = Vec::new();
    collect(&root(), &mut found);
    // A reader that finds nothing would pass everything.
    assert!(found.len() > 50, "only {} source files found", found.len());
    found
}

fn collect(folder: &Path, found: &mut Vec<File>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let inside = path.strip_prefix(root()).unwrap().with_extension("");
            let module = inside.iter().next().unwrap().to_str().unwrap().to_owned();
            let text = fs::read_to_string(&path).unwrap();
            found.push(File { module, path: inside.display().to_string(), lines: text.lines().map(code).collect() });
        }
    }
}

/// A line without its comment. `//` inside a text, as in an address, also ends it: none of what is looked for here
/// stands behind one.
fn code(line: &str) -> String {
    line.split("//").next().unwrap().to_owned()
}

/// The modules of the library in the order of their `pub mod` lines.
fn order() -> Vec<String> {
    let text = fs::read_to_string(root().join("lib.rs")).unwrap();
    let named = text.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'));
    named.map(str::to_owned).collect()
}

/// The modules that a line names after `crate::`, also in a list: `use crate::{a::X, b}`.
fn imports(lines: &[String]) -> Vec<String> {
    let text = lines.join("\n");
    let mut found = Vec::new();
    for (at, _) in text.match_indices("crate::") {
        // `$crate::` in a macro counts as well; `my_crate::` is another name.
        if text[..at].ends_with(|before: char| before.is_alphanumeric() || before == '_') {
            continue;
        }
        let rest = &text[at + "crate::".len()..];
        match rest.strip_prefix('{') {
            Some(list) => found.extend(first_of_each(list)),
            None => found.push(word(rest)),
        }
    }
    found.retain(|name| !name.is_empty());
    found
}

/// The first name of each member of a `use` list whose opening brace was read.
fn first_of_each(list: &str) -> Vec<String> {
    let mut depth = 0;
    let mut names = Vec::new();
    let mut member = String::new();
    for letter in list.chars() {
        match letter {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => names.push(word(std::mem::take(&mut member).trim_start())),
            _ => member.push(letter),
        }
    }
    names.push(word(member.trim_start()));
    names
}

fn word(text: &str) -> String {
    text.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect()
}

/// Every place where one of `words` stands outside of the modules `allowed`.
fn elsewhere(words: &[&str], allowed: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for file in sources().iter().filter(|file| !allowed.contains(&file.module.as_str())) {
        for (index, line) in file.lines.iter().enumerate() {
            if words.iter().any(|word| line.contains(word)) {
                found.push(format!("src/{}.rs:{}: {}", file.path, index + 1, line.trim()));
            }
        }
    }
    found
}

/// That none of `words` stands outside of `allowed`, and that the search can see them inside.
fn only_in(allowed: &[&str], words: &[&str]) {
    assert_eq!(elsewhere(words, allowed), Vec::<String>::new());
    assert!(!elsewhere(words, &[]).is_empty(), "none of {words:?} is found anywhere: the search is blind");
}

#[test]
fn imports_are_found_in_all_their_forms() {
    let check = |text: &str, expected: &[&str]| {
        let lines: Vec<String> = text.lines().map(code).collect();
        assert_eq!(imports(&lines), expected, "{text}");
    };
    check("use crate::plan::Plan;", &["plan"]);
    check("pub(crate) use crate::draws::{Key, Source};", &["draws"]);
    check("use crate::{plan::{Plan, op}, draws,\n    vector::Vectors};", &["plan", "draws", "vector"]);
    check("let x = crate::stats::Tree::new(); // crate::cli", &["stats"]);
    check("$crate::vector::run(x)", &["vector"]);
    check("/// [`crate::plan::Plan`]\nuse super::plan;\nother_crate::plan::x()", &[]);
}

#[test]
fn a_module_imports_only_from_those_above_it() {
    let order = order();
    assert!(order.len() >= 11, "{order:?}");
    let mut wrong = Vec::new();
    let mut seen = 0;
    for file in sources() {
        // The program's own files stand in no order; `crate` is the program there.
        let Some(own) = order.iter().position(|name| *name == file.module) else { continue };
        for import in imports(&file.lines) {
            seen += 1;
            if !order[..=own].contains(&import) {
                wrong.push(format!("src/{}.rs imports {import}", file.path));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    assert!(seen > 100, "only {seen} imports found");
}

#[test]
fn every_module_stands_in_the_order_or_in_the_program() {
    let order = order();
    let known = |module: &str| ["lib", "main", "cli"].contains(&module) || order.iter().any(|name| name == module);
    let strangers: Vec<String> =
        sources().into_iter().filter(|file| !known(&file.module)).map(|file| file.path).collect();
    assert_eq!(strangers, Vec::<String>::new());
}

#[test]
fn only_cli_touches_files_prints_or_exits() {
    only_in(&["cli"], &["std::fs", "fs::read", "fs::write", "File::"]);
    only_in(&["cli"], &["stdout()", "stderr()", "stdin()"]);
    only_in(&["cli"], &["process::exit", "env::var", "Instant"]);
    assert_eq!(elsewhere(&["print!(", "println!(", "dbg!("], &["cli"]), Vec::<String>::new());
}

#[test]
fn only_simulate_knows_threads() {
    only_in(&["simulate"], &["rayon"]);
    assert_eq!(elsewhere(&["thread::spawn", "thread::scope", "thread::Builder"], &[]), Vec::<String>::new());
}

#[test]
fn only_vector_fuses_multiply_and_add() {
    only_in(&["vector"], &[".mul_add(", "f32::mul_add", "f64::mul_add", "libm::fma(", "libm::fmaf("]);
}

#[test]
fn every_module_is_on_the_map() {
    let map = fs::read_to_string(root().with_file_name("ARCHITECTURE.md")).unwrap();
    for module in order() {
        assert!(map.contains(&format!("src/{module}/")), "ARCHITECTURE.md does not show src/{module}/");
    }
    let shown = map.split("`src/").skip(1).map(|rest| rest.split(['/', '`']).next().unwrap());
    for part in shown {
        assert!(root().join(part).exists(), "ARCHITECTURE.md shows src/{part}, which is not there");
    }
}
