//! Rows and writers; no statistic is computed here.
