import { randomBytes } from 'node:crypto'

/** Unguessable text of letters, digits, dots and underscores: the Salesforce CLI refuses tokens with any other sign. */
export function opaqueText(bytes: number): string {
  return randomBytes(bytes).toString('base64url').replaceAll('-', '.')
}
