"""The reference workload in JAX on the processor: one compiled scan over steps, trials side by side in single
precision, the statistics of each step found inside of it."""

import os

os.environ["JAX_PLATFORMS"] = "cpu"

import jax
import jax.numpy as jnp

import workload as w

# The counter-based generator that XLA has built in: faster than JAX's default.
jax.config.update("jax_default_prng_impl", "unsafe_rbg")


def single(array):
    return jnp.asarray(array, jnp.float32)


FIRST_THRESHOLD, SECOND_THRESHOLD = single(w.FIRST_THRESHOLD), single(w.SECOND_THRESHOLD)
GROWTH, VOLATILITY, EXPOSURE = single(w.GROWTH), single(w.VOLATILITY), single(w.EXPOSURE)
BASE, SHOCK, LEVELS = single(w.BASE), single(w.SHOCK), single(w.LEVELS)
PHASE_IN, FADING = single(w.PHASE_IN), single(w.FADING)


def describe(values):
    """Quantiles from one sort, interpolated as numpy's."""
    ordered = jnp.sort(values, axis=1)
    place = LEVELS * (values.shape[1] - 1)
    low = jnp.floor(place).astype(jnp.int32)
    share = place - low
    quantiles = ordered[:, low] * (1 - share) + ordered[:, jnp.minimum(low + 1, values.shape[1] - 1)] * share
    return jnp.concatenate([values.mean(axis=1)[:, None], values.std(axis=1)[:, None], quantiles], axis=1)


def simulate(key, trials):
    happens, effect, begins, size, steps = jax.random.split(key, 5)
    normal = lambda key: jax.random.normal(key, (trials,))
    memorandum = jnp.where(
        jax.random.uniform(happens, (trials,)) < w.CHANCE, w.EFFECT_MEAN + w.EFFECT_SD * normal(effect), 0
    )
    u = jax.random.uniform(begins, (trials,))
    start = jnp.where(u < 0.25, jnp.sqrt(u), 2 - jnp.sqrt(3 * (1 - u)))
    flights = jnp.minimum(w.MEDIAN * jnp.exp(w.SIGMA * normal(size)), w.MOST) / (1 - w.AT_START)
    rising = jnp.exp((start + w.MIDPOINT) / w.WIDTH)

    def advance(carry, step):
        path, state = carry
        move, draw = jax.random.split(jax.random.fold_in(steps, step))
        u = jax.random.uniform(move, (trials,))
        state = (u >= FIRST_THRESHOLD[state]).astype(jnp.int32) + (u >= SECOND_THRESHOLD[state]).astype(jnp.int32)
        z = jax.random.normal(draw, (w.FLOWS, trials))
        # Four sums a flow: a product of so small a matrix is slower.
        shocks = jnp.stack([sum(SHOCK[flow, k] * z[k] for k in range(flow + 1)) for flow in range(w.FLOWS)])
        path = path + GROWTH[state] + VOLATILITY[state] * shocks
        phase = flights * jnp.maximum(1 / (1 + rising * FADING[step]) - w.AT_START, 0)
        logs = path + memorandum * PHASE_IN[step] + EXPOSURE[:, None] * phase
        flows = BASE[:, None] * jnp.exp(logs)
        values = jnp.concatenate([flows, flows.sum(axis=0, keepdims=True)])
        return (path, state), describe(values)

    begin = (jnp.zeros((w.FLOWS, trials), jnp.float32), jnp.full(trials, w.TENSE, jnp.int32))
    return jnp.swapaxes(jax.lax.scan(advance, begin, jnp.arange(w.STEPS))[1], 0, 1)


def prepare(trials, _cores):
    key = jax.random.key(1)
    compiled = jax.jit(simulate, static_argnums=1).lower(key, trials).compile()
    return lambda: compiled(key).block_until_ready()


if __name__ == "__main__":
    w.main(prepare)
