import { homedir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { CLIENT_NAMES, type ClientName } from './case-result.ts'

export interface RunOptions {
  readonly clients: readonly ClientName[]
  /** Leave the folders of the run for a look. */
  readonly keep: boolean
  /** Write the Markdown result into the documentation. */
  readonly save: boolean
  /** Folder of jsforce's own sources with their tests installed, or null for our cases. */
  readonly jsforceCheckout: string | null
  readonly cache: string
}

/** Reads the command line and the environment. Throws with a sentence for the user. */
export function readOptions(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): RunOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      client: { type: 'string', multiple: true },
      keep: { type: 'boolean', default: false },
      save: { type: 'boolean', default: false },
    },
  })
  return {
    clients: values.client === undefined ? CLIENT_NAMES : values.client.map(clientName),
    keep: values.keep,
    save: values.save,
    jsforceCheckout: environment['JSFORCE_CHECKOUT'] ?? null,
    cache: environment['CONFORMANCE_CACHE'] ?? join(homedir(), '.cache', 'conveyor', 'conformance'),
  }
}

function clientName(text: string): ClientName {
  const name = CLIENT_NAMES.find((known) => known === text)
  if (name !== undefined) return name
  throw new Error(`--client takes one of ${CLIENT_NAMES.join(', ')}; it was "${text}"`)
}
