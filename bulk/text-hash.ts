/**
 * Hashes of text that spread well and cost little; they resist no forger, who could harm only a job of his own.
 * Each step of a lane is a bijection, so that texts which differ in one place never meet; the multipliers differ, so
 * that what meets in one lane does not in the next.
 */

/** Writes the 64-bit hash of `text` to `target[at]` and `target[at + 1]`. */
export function hash64(text: string, target: Uint32Array, at: number): void {
  let a = 0xdeadbeef ^ text.length
  let b = 0x41c6ce57 ^ text.length
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    a = Math.imul(a ^ unit, 0x9e3779b1)
    a = (a << 13) | (a >>> 19)
    b = Math.imul(b ^ unit, 0x5f356495)
    b = (b << 17) | (b >>> 15)
  }
  target[at] = mixed(a, b)
  target[at + 1] = mixed(b, a)
}

/** As `hash64`, of a stretch of bytes: for ASCII the hash of the text. `folds` takes capital ASCII letters for small ones. */
export function hashBytes64(
  bytes: Uint8Array,
  start: number,
  end: number,
  folds: boolean,
  target: Uint32Array,
  at: number,
): void {
  let a = 0xdeadbeef ^ (end - start)
  let b = 0x41c6ce57 ^ (end - start)
  for (let index = start; index < end; index++) {
    let unit = bytes[index] ?? 0
    if (folds && unit >= 0x41 && unit <= 0x5a) unit |= 0x20
    a = Math.imul(a ^ unit, 0x9e3779b1)
    a = (a << 13) | (a >>> 19)
    b = Math.imul(b ^ unit, 0x5f356495)
    b = (b << 17) | (b >>> 15)
  }
  target[at] = mixed(a, b)
  target[at + 1] = mixed(b, a)
}

/** Writes the 128-bit hash of `text` to the four places of `target` from `at` on. */
export function hash128(text: string, target: Uint32Array, at: number): void {
  hash64(text, target, at)
  let c = 0x2545f491 ^ text.length
  let d = 0x6c078965 ^ text.length
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    c = Math.imul(c ^ unit, 0xc2b2ae3d)
    c = (c << 11) | (c >>> 21)
    d = Math.imul(d ^ unit, 0x27d4eb2f)
    d = (d << 19) | (d >>> 13)
  }
  target[at + 2] = mixed(c, d)
  target[at + 3] = mixed(d, c)
}

function mixed(lane: number, other: number): number {
  const folded =
    Math.imul(lane ^ (lane >>> 16), 0x85ebca6b) ^ Math.imul(other ^ (other >>> 13), 0xc2b2ae35)
  return folded ^ (folded >>> 15)
}
