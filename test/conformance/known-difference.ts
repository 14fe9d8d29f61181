import { readFileSync } from 'node:fs'
import { z } from 'zod'

const knownDifferences = z.array(
  z.strictObject({
    client: z.enum(['jsforce', 'sf', 'simple-salesforce']),
    suite: z.string(),
    case: z.string(),
    /**
     * `later`: a part of the service that the simulator announces and lacks; `licence`: a feature
     * that needs a licence of its own; `client`: the case fails against the real service too, or
     * against any org on this machine; `difference`: the simulator answers otherwise.
     */
    kind: z.enum(['later', 'licence', 'client', 'difference']),
    reason: z.string().min(10),
  }),
)

/** A failure that is understood. */
export type KnownDifference = z.infer<typeof knownDifferences>[number]

/** The failures that are understood, from the file beside this one. Throws when it is malformed. */
export function readKnownDifferences(): readonly KnownDifference[] {
  const text = readFileSync(new URL('known-differences.json', import.meta.url), 'utf8')
  return knownDifferences.parse(JSON.parse(text))
}
