//! What loops over lanes are written once for: rows in either precision, and rows that hold but one number.

/// A number as a row of contributions holds it: computed in double precision, rounded where only single is read.
pub(crate) trait Real: Copy {
    const ZERO: Self;
    fn of(value: f64) -> Self;
}

impl Real for f64 {
    const ZERO: f64 = 0.0;

    #[inline(always)]
    fn of(value: f64) -> f64 {
        value
    }
}

impl Real for f32 {
    const ZERO: f32 = 0.0;

    #[inline(always)]
    fn of(value: f64) -> f32 {
        value as f32
    }
}

/// A number a lane: a row, or one for all lanes, which takes no memory to read.
pub(crate) trait Lanes: Copy {
    fn at(self, lane: usize) -> f64;
    /// The same for the first lanes alone: a row as long as the others spares a loop its checks.
    fn cut(self, lanes: usize) -> Self;
}

impl Lanes for f64 {
    #[inline(always)]
    fn at(self, _lane: usize) -> f64 {
        self
    }

    #[inline(always)]
    fn cut(self, _lanes: usize) -> f64 {
        self
    }
}

impl Lanes for &[f64] {
    #[inline(always)]
    fn at(self, lane: usize) -> f64 {
        self[lane]
    }

    #[inline(always)]
    fn cut(self, lanes: usize) -> Self {
        &self[..lanes]
    }
}

/// The number of the state that each lane is in.
#[derive(Clone, Copy)]
pub(crate) struct OfState<'a> {
    pub states: &'a [i32],
    pub constants: [f64; FEW_STATES],
}

impl Lanes for OfState<'_> {
    #[inline(always)]
    fn at(self, lane: usize) -> f64 {
        of_state(self.states[lane], self.constants)
    }

    #[inline(always)]
    fn cut(self, lanes: usize) -> Self {
        OfState { states: &self.states[..lanes], ..self }
    }
}

/// The number that each lane has in the state that it is in.
#[derive(Clone, Copy)]
pub(crate) struct OfStateRow<'a> {
    pub states: &'a [i32],
    pub rows: [&'a [f64]; FEW_STATES],
}

impl Lanes for OfStateRow<'_> {
    #[inline(always)]
    fn at(self, lane: usize) -> f64 {
        of_state(self.states[lane], self.rows.map(|row| row[lane]))
    }

    #[inline(always)]
    fn cut(self, lanes: usize) -> Self {
        OfStateRow { states: &self.states[..lanes], rows: self.rows.map(|row| &row[..lanes]) }
    }
}

/// So many states are looked up without a table.
pub(crate) const FEW_STATES: usize = 4;

/// Without a branch or a table, so that it vectorises.
#[inline(always)]
pub(crate) fn of_state<T: Copy>(state: i32, constants: [T; FEW_STATES]) -> T {
    let low = if state == 0 { constants[0] } else { constants[1] };
    let high = if state == 2 { constants[2] } else { constants[3] };
    if state < 2 { low } else { high }
}
