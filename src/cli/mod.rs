//! Arguments and subcommands: the only place that opens files, prints or exits.
