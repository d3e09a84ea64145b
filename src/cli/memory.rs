//! How much memory there is.

/// Bytes that can be used without pushing others out, or no limit where the system does not say.
pub fn available() -> u64 {
    let report = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    kibibytes(&report).map_or(u64::MAX, |kibibytes| kibibytes << 10)
}

fn kibibytes(report: &str) -> Option<u64> {
    let line = report.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_of_what_is_available_is_read() {
        let report = "MemTotal:       24658432 kB\nMemAvailable:   24215576 kB\nBuffers: 1 kB\n";
        assert_eq!(kibibytes(report), Some(24_215_576));
        assert_eq!(kibibytes("something else"), None);
    }
}
