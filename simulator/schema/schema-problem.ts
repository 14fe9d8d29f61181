/** A definition that the org cannot take; the message says which and why. */
export class SchemaProblem extends Error {
  override name = 'SchemaProblem'
}
