/**
 * The normal distribution, to double precision: packaged ones give three or four digits, which moves the ends of
 * intervals and makes small p-values zero.
 */

/** P(Z > z). */
export function normalTail(z: number): number {
  return z < 0 ? 1 - normalTail(-z) : z < 3 ? 0.5 - seriesHalf(z) : continuedTail(z)
}

/** P(|Z| > |z|). */
export function twoSidedTail(z: number): number {
  return Math.min(1, 2 * normalTail(Math.abs(z)))
}

const DENSITY_AT_ZERO = 1 / Math.sqrt(2 * Math.PI)

/** P(0 < Z < z) by Marsaglia's series, whose terms are all positive and so lose no digits. */
function seriesHalf(z: number): number {
  let term = z
  let sum = z
  for (let k = 3; term > sum * 1e-17; k += 2) {
    term *= (z * z) / k
    sum += term
  }
  return sum * DENSITY_AT_ZERO * Math.exp((-z * z) / 2)
}

/** P(Z > z) for large z, by Laplace's continued fraction. */
function continuedTail(z: number): number {
  let fraction = z
  for (let k = 120; k >= 1; k--) fraction = z + k / fraction
  return (DENSITY_AT_ZERO * Math.exp((-z * z) / 2)) / fraction
}

/** The z below which a share `p` of the distribution lies: by bisection, since it is asked for a few times an answer. */
export function normalQuantile(p: number): number {
  if (!(p > 0 && p < 1)) throw new RangeError(`A share between 0 and 1 is needed, not ${p}.`)
  if (p === 0.5) return 0
  if (p < 0.5) return -normalQuantile(1 - p)
  const tail = 1 - p
  let low = 0
  let high = 40
  for (let step = 0; step < 64; step++) {
    const middle = (low + high) / 2
    if (normalTail(middle) > tail) low = middle
    else high = middle
  }
  return (low + high) / 2
}
