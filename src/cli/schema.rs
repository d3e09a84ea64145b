//! `tradewinds schema`.

use tradewinds::scenario;

use super::failure::Failure;
use super::terminal;

pub fn schema() -> Result<(), Failure> {
    terminal::print(format!("{:#}\n", scenario::schema()).as_bytes())
}
