//! Loops over many trials at once, compiled for the widest vectors the machine has.
//!
//! `vectorised!` turns a plain loop into a function that is compiled several times, for AVX-512, AVX2 and the
//! baseline of the target, and picks one when called. All of them give the same bits: no operation is fused unless
//! [`Fused`] says so, and that rounds in the same way everywhere.

mod fused;
pub mod math;

pub use fused::{Emulation, Fused, Instruction};

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

    /// AVX2 and nothing wider, where the machine has it. For counts of instructions, which must not depend on the
    /// machine.
    pub fn avx2() -> Option<Vectors> {
        #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
        return pulp::x86::V3::try_new().map(|simd| Vectors(pulp::Arch::V3(simd)));
        #[cfg(not(any(target_arch = "x86", target_arch = "x86_64")))]
        return None;
    }

    /// What people call them.
    pub fn name(self) -> &'static str {
        match self.0 {
            pulp::Arch::Scalar => "baseline",
            #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
            pulp::Arch::V3(_) => "AVX2",
            #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
            pulp::Arch::V4(_) => "AVX-512",
            #[cfg(target_arch = "aarch64")]
            pulp::Arch::Neon(_) => "NEON",
            #[allow(unreachable_patterns)]
            _ => "others",
        }
    }

    /// Whether there is an instruction among them that multiplies and adds.
    #[inline(always)]
    pub(crate) fn can_fuse(self) -> bool {
        !matches!(self.0, pulp::Arch::Scalar)
    }

    /// Runs an operation with these instructions. Not to be called by hand: see [`vectorised!`].
    #[inline(always)]
    pub(crate) fn dispatch<Op: pulp::NullaryFnOnce>(self, op: Op) -> Op::Output {
        self.0.dispatch(op)
    }
}

/// Declares a function whose first argument is the [`Vectors`] to run with and whose body is compiled for each
/// kind of them. It may be generic. Everything the body calls must be `#[inline(always)]` to be compiled along with it.
///
/// A name in brackets after that of the function stands in its body for how products are added, see [`Fused`].
macro_rules! vectorised {
    (
        $(#[$meta:meta])*
        $vis:vis fn $name:ident $(<$($kind:ident: $bound:path),*>)? ($($arg:ident: $ty:ty),* $(,)?) $(-> $out:ty)? $body:block
    ) => {
        $(#[$meta])*
        #[allow(unused_parens, clippy::too_many_arguments)]
        $vis fn $name $(<$($kind: $bound),*>)? (vectors: $crate::vector::Vectors, $($arg: $ty),*) $(-> $out)? {
            struct Call<Arguments>(Arguments);
            impl $(<$($kind: $bound),*>)? pulp::NullaryFnOnce for Call<($($ty,)*)> {
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
    (
        $(#[$meta:meta])*
        $vis:vis fn $name:ident [$fused:ident] $(<$($kind:ident: $bound:path),*>)? ($($arg:ident: $ty:ty),* $(,)?)
        $(-> $out:ty)? $body:block
    ) => {
        $(#[$meta])*
        #[allow(unused_parens, clippy::too_many_arguments)]
        $vis fn $name $(<$($kind: $bound),*>)? (vectors: $crate::vector::Vectors, $($arg: $ty),*) $(-> $out)? {
            struct Call<Way, Arguments>(std::marker::PhantomData<Way>, Arguments);
            impl<$fused: $crate::vector::Fused $(, $($kind: $bound),*)?> pulp::NullaryFnOnce
                for Call<$fused, ($($ty,)*)>
            {
                type Output = ($($out)?);
                #[inline(always)]
                fn call(self) -> Self::Output {
                    let Call(_, ($($arg,)*)) = self;
                    $body
                }
            }
            let arguments = ($($arg,)*);
            match vectors.can_fuse() {
                true => vectors.dispatch(Call::<$crate::vector::Instruction, _>(std::marker::PhantomData, arguments)),
                false => vectors.dispatch(Call::<$crate::vector::Emulation, _>(std::marker::PhantomData, arguments)),
            }
        }
    };
}
pub(crate) use vectorised;

/// Tells the processor that elements will be read or written soon: it fetches them into its caches while it goes on.
/// Nothing else changes.
#[inline]
pub(crate) fn fetch<T>(all: &[T], range: std::ops::Range<usize>) {
    range.step_by(LINE / size_of::<T>()).for_each(|index| fetch_line(all, index));
}

/// The same for the elements that are fetched together with one.
#[inline(always)]
pub(crate) fn fetch_line<T>(all: &[T], index: usize) {
    prefetch_index::prefetch_index(all, index);
}

/// Bytes that are fetched from memory at once.
pub(crate) const LINE: usize = 64;
