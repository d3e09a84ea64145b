//! What the program runs on, for records of measurements.

use serde::Serialize;
use tradewinds::vector::Vectors;

/// The machine, and how busy it is.
#[derive(Clone, Debug, Serialize)]
pub struct Machine {
    /// The processor's name, where the system tells it.
    pub processor: Option<String>,
    /// Cores that this process may use.
    pub cores: usize,
    /// Vector instructions that are used.
    pub vectors: &'static str,
    pub architecture: &'static str,
    pub system: &'static str,
    /// Processes that wanted to run over the last minute, on average, where the system tells it.
    pub load: Option<f64>,
}

impl Machine {
    /// This one.
    pub fn here(vectors: Vectors) -> Machine {
        let text = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
        Machine {
            processor: field(&text("/proc/cpuinfo"), "model name"),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            vectors: vectors.name(),
            architecture: std::env::consts::ARCH,
            system: std::env::consts::OS,
            load: text("/proc/loadavg").split_whitespace().next().and_then(|load| load.parse().ok()),
        }
    }
}

/// The most bytes of memory that this process has held so far, where the system tells it.
pub fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kibibytes: u64 = field(&status, "VmHWM")?.strip_suffix(" kB")?.trim().parse().ok()?;
    Some(kibibytes << 10)
}

/// The value of the first line `name : value`.
fn field(text: &str, name: &str) -> Option<String> {
    let lines = text.lines().filter_map(|line| line.split_once(':'));
    lines.filter(|(key, _)| key.trim() == name).map(|(_, value)| value.trim().to_owned()).next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_the_system_are_read() {
        let text = "processor\t: 0\nmodel name\t: Some CPU: fast\nmodel name\t: another\nVmHWM:\t   1234 kB\n";
        assert_eq!(field(text, "model name").as_deref(), Some("Some CPU: fast"));
        assert_eq!(field(text, "VmHWM").as_deref(), Some("1234 kB"));
        assert_eq!(field(text, "flags"), None);
    }
}
