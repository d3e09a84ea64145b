//! What conditioning says at its end: what was learned of which input, and how far to trust it.

use std::fmt::Write as _;

use tradewinds::projection::{Conditioned, Evidence, InputProjection, Summary};

use super::summary::{aligned, row};

/// Inputs shown.
const SHOWN: usize = 8;

/// How many trials count, and the inputs of which most was learned.
pub fn told(scenario: &str, found: &Conditioned) -> String {
    let Evidence { used, unused, effective_sample_size, log_marginal_likelihood, .. } = &found.evidence;
    let trials = found.projection.trials;
    let mut text = format!("{scenario}: {used} observations, {effective_sample_size:.0} of {trials} trials count\n");
    if *unused > 0 {
        let _ = writeln!(text, "  {unused} more were not used: zeros, or years that are not simulated");
    }
    let error = log_marginal_likelihood.standard_error.map_or(String::new(), |error| format!(" +- {error:.3}"));
    let _ = writeln!(text, "  log marginal likelihood {:.3}{error}", log_marginal_likelihood.value);
    let moved = most_moved(&found.projection.inputs);
    if !moved.is_empty() {
        let header = row(["input"], ["median before", "90 % band", "median after", "90 % band"].map(str::to_owned));
        let rows: Vec<Vec<String>> = std::iter::once(header).chain(moved.iter().map(|input| line(input))).collect();
        let _ = writeln!(text, "\n{}", aligned(&rows, 1).trim_end());
    }
    text + "\n"
}

/// The inputs whose law has changed most, by how far the median went and how much narrower the band is.
fn most_moved(inputs: &[InputProjection]) -> Vec<&InputProjection> {
    let mut moved: Vec<(f64, &InputProjection)> =
        inputs.iter().filter_map(|input| Some((change(&input.prior?, &input.drawn)?, input))).collect();
    moved.sort_by(|a, b| b.0.total_cmp(&a.0));
    moved.into_iter().take(SHOWN).map(|(_, input)| input).collect()
}

fn change(prior: &Summary, posterior: &Summary) -> Option<f64> {
    let narrower = (prior.sd / posterior.sd).ln().abs();
    let change = ((posterior.p50 - prior.p50) / prior.sd).abs() + narrower;
    change.is_finite().then_some(change)
}

fn line(input: &InputProjection) -> Vec<String> {
    let band = |law: &Summary| format!("{} .. {}", short(law.p05), short(law.p95));
    let prior = input.prior.as_ref().map_or([String::new(), String::new()], |law| [short(law.p50), band(law)]);
    let posterior = [short(input.drawn.p50), band(&input.drawn)];
    row([&input.name], prior.into_iter().chain(posterior))
}

/// Three digits.
fn short(value: f64) -> String {
    let decimals = match value.abs() {
        0.0 => 0,
        size => (2.0 - size.log10().floor()).clamp(0.0, 6.0) as usize,
    };
    format!("{value:.decimals$}")
}

/// Said whether or not anybody wants to hear it.
pub fn warning(scenario: &str, evidence: &Evidence) -> String {
    format!(
        "warning: `{scenario}` is TEMPERED: its history counts for {:.3} of what it says, as only {:.1} trials fit it in \
         full\n  = note: bands are wider than they should be, and medians nearer to the prior's\n  = hint: raise \
         --trials, or look in observations.csv for what the priors hardly reach\n",
        evidence.exponent, evidence.untempered_sample_size
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use tradewinds::projection::Estimate;

    fn summary(p50: f64, sd: f64) -> Summary {
        let at = |z: f64| p50 + z * sd;
        let (p05, p10, p25, p75, p90, p95) = (at(-1.645), at(-1.28), at(-0.67), at(0.67), at(1.28), at(1.645));
        Summary { mean: p50, sd, p05, p10, p25, p50, p75, p90, p95 }
    }

    fn input(name: &str, posterior: Summary) -> InputProjection {
        let (name, requested) = (name.to_owned(), String::new());
        InputProjection { name, requested, drawn: posterior, prior: Some(summary(0.0, 1.0)), law: None }
    }

    #[test]
    fn inputs_of_which_most_was_learned_come_first() {
        let inputs =
            [input("same", summary(0.0, 1.0)), input("moved", summary(2.0, 1.0)), input("sure", summary(0.0, 0.5))];
        let names: Vec<&str> = most_moved(&inputs).iter().map(|input| input.name.as_str()).collect();
        assert_eq!(names, ["moved", "sure", "same"]);
    }

    #[test]
    fn tempering_is_said_with_its_figures() {
        let evidence = Evidence {
            used: 5,
            unused: 0,
            effective_sample_size: 400.0,
            worth: 390.0,
            exponent: 0.25,
            untempered_sample_size: 3.2,
            log_marginal_likelihood: Estimate { value: 0.0, standard_error: None },
            fits: Vec::new(),
        };
        let text = warning("a", &evidence);
        assert!(text.contains("TEMPERED") && text.contains("0.250") && text.contains("3.2 trials"), "{text}");
    }
}
