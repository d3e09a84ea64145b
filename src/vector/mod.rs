//! Loops over many trials at once, compiled for the widest vectors the machine has.
//!
//! `vectorised!` turns a plain loop into a function that is compiled several times, for AVX-512, AVX2 and the
//! baseline of the target, and picks one when called. No fused multiply-add is used anywhere, so all of them
//! give the same bits.

pub mod math;

/// The vector instructions to use.
#[derive(Clone, Copy, Debug)]
pub struct Vectors(pulp::Arch);

impl Vectors {
    /// The widest this machine has.
    pub fn widest() -> Vectors {
        Vectors(pulp::Arch::new())
    }

    /// Those of every machine of this target. For tests: results are the same bits, slower.
    pub fn baseline() -> Vectors {
        Vectors(pulp::Arch::Scalar)
    }

    /// Runs an operation with these instructions. Not to be called by hand: see [`vectorised!`].
    #[inline(always)]
    pub(crate) fn dispatch<Op: pulp::NullaryFnOnce>(self, op: Op) -> Op::Output {
        self.0.dispatch(op)
    }
}

/// Declares a function whose first argument is the [`Vectors`] to run with and whose body is compiled for each
/// kind of them. Everything the body calls must be `#[inline(always)]` to be compiled along with it.
macro_rules! vectorised {
    ($(#[$meta:meta])* $vis:vis fn $name:ident($($arg:ident: $ty:ty),* $(,)?) $(-> $out:ty)? $body:block) => {
        $(#[$meta])*
        #[allow(unused_parens, clippy::too_many_arguments)]
        $vis fn $name(vectors: $crate::vector::Vectors, $($arg: $ty),*) $(-> $out)? {
            struct Call<T>(T);
            impl pulp::NullaryFnOnce for Call<($($ty,)*)> {
                type Output = ($($out)?);
                #[inline(always)]
                fn call(self) -> Self::Output {
                    let Call(($($arg,)*)) = self;
                    $body
                }
            }
            vectors.dispatch(Call(($($arg,)*)))
        }
    };
}
pub(crate) use vectorised;
