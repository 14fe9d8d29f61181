import { setTimeout as sleep } from 'node:timers/promises'
import { DEFAULT_WORKSPACE_ID } from '../contracts/tenancy.ts'
import { SEALED_COLUMNS, sealedColumnName } from '../db/sealed-columns.ts'
import { createSealedValueQueries } from '../db/sealed-values.ts'
import type { CommandContext } from './command.ts'
import { CommandError } from './command-error.ts'

const LOOK_MS = 500
/** Looks without an answer after which a person wants to know why nothing moves. */
const SILENT_LOOKS = 20

/** `secrets status|re-encrypt`. @throws {CommandError} */
export async function runSecretsCommand(
  args: readonly string[],
  context: CommandContext,
): Promise<void> {
  const [verb, ...rest] = args
  if (rest.length > 0) throw new CommandError(`secrets ${verb} takes nothing else.`)
  switch (verb) {
    case 'status':
      await status(context)
      return
    case 're-encrypt':
      return reEncrypt(context)
    default:
      throw new CommandError('secrets takes status or re-encrypt.')
  }
}

interface CountedValues {
  readonly column: string
  readonly keyId: string | null
  values: number
}

/** Prints how many values each key sealed, and returns how many the newest did not. */
async function status(context: CommandContext): Promise<number> {
  const { sealingKeyIds, print } = context
  const [newest = null] = sealingKeyIds
  const counted = await countValues(context)
  for (const { column, keyId, values } of counted) {
    print([String(values).padStart(10), column, keyId ?? '-', roleOf(keyId)].join('  '))
  }
  if (counted.length === 0) print('Nothing is stored that is sealed.')
  return counted.filter(({ keyId }) => keyId !== newest).reduce((sum, each) => sum + each.values, 0)

  function roleOf(keyId: string | null): string {
    if (keyId === null) return 'in clear'
    const place = sealingKeyIds.indexOf(keyId)
    if (place < 0) return 'not in SALESFORCE_TOKEN_ENCRYPTION_KEY: these values do not open'
    return place === 0 ? 'newest key' : 'older key'
  }
}

async function countValues({ database }: CommandContext): Promise<readonly CountedValues[]> {
  const found = new Map<string, CountedValues>()
  for (const { id } of await database.system.listWorkspaces()) {
    const queries = createSealedValueQueries(database.workspace(id))
    for (const sealedColumn of SEALED_COLUMNS) {
      for (const { keyId, values } of await queries.count(sealedColumn)) {
        const column = sealedColumnName(sealedColumn)
        const known = found.get(`${column} ${keyId}`) ?? { column, keyId, values: 0 }
        known.values += values
        found.set(`${column} ${keyId}`, known)
      }
    }
  }
  return [...found.values()]
}

async function reEncrypt(context: CommandContext): Promise<void> {
  const [keyId] = context.sealingKeyIds
  if (keyId === undefined) throw new CommandError('SALESFORCE_TOKEN_ENCRYPTION_KEY is not set.')
  const run = await context.openReEncryption()
  await run.start(keyId)
  // Of the installation, as the values of every workspace are sealed anew.
  await context.database.system.appendAudit({
    ...{ workspaceId: DEFAULT_WORKSPACE_ID, actorKind: 'operator', actorId: null },
    ...{ action: 'secrets.re_encryption_started', subject: run.workflowId, outcome: 'success' },
    ...{ address: null, requestId: null, details: { key_id: keyId } },
  })
  context.note(`${run.workflowId} runs in Temporal; ending this command does not end it.`)
  await follow(context, run, keyId)
  const left = await status(context)
  if (left === 0) {
    context.note('All is sealed with the newest key. The others can be removed.')
    return
  }
  throw new Error(
    `${left} values are not sealed with the newest key. Where a process still runs with the old keys, start it again and repeat this. The workers' log names values that do not open.`,
  )
}

/** Says how far the run is until it has ended. */
async function follow(
  { note }: CommandContext,
  run: Awaited<ReturnType<CommandContext['openReEncryption']>>,
  keyId: string,
): Promise<void> {
  let told = ''
  for (let silent = 0; ; await sleep(LOOK_MS)) {
    const { status, progress } = await run.look()
    if (progress !== null && progress.keyId !== keyId) {
      throw new Error(
        `A run that seals with the key ${progress.keyId} is under way. Wait for its end, or terminate ${run.workflowId}.`,
      )
    }
    if (progress === null) {
      silent += 1
      if (silent === SILENT_LOOKS) note('No worker answers. The run goes on once one is there.')
    } else {
      silent = 0
      const line = `${progress.sealedAnew} values sealed anew, ${progress.unreadable} do not open, ${progress.workspacesDone} workspaces done`
      if (line !== told) note(line)
      told = line
    }
    if (status === 'COMPLETED') return
    if (status !== 'RUNNING') throw new Error(`${run.workflowId} ended ${status}. Start it again.`)
  }
}
