import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { errorCode, unlessMissing } from './error-code.ts'
import {
  isAlive,
  ownIdentity,
  type ProcessIdentity,
  processIdentitySchema,
} from './process-identity.ts'
import { StackProblem } from './stack-problem.ts'

const ATTEMPTS = 10

export interface InstanceLock {
  release(): Promise<void>
}

/**
 * Takes a state folder for this process. A lock whose process is gone, or whose number belongs to
 * another process by now, does not count.
 * @throws StackProblem where a living process holds it.
 */
export async function acquireInstanceLock(file: string): Promise<InstanceLock> {
  await mkdir(dirname(file), { recursive: true })
  const aside = `${file}.${process.pid}`
  await writeFile(aside, JSON.stringify(ownIdentity()))
  try {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      // link() makes the complete file appear at once, and only where there is none.
      if (await linked(aside, file)) return { release: () => rm(file, { force: true }) }
      const text = await unlessMissing(readFile(file, 'utf8'))
      if (text === undefined) continue
      const holder = parse(text)
      if (holder !== undefined && isAlive(holder)) throw held(file, holder)
      await dropStale(file, text)
    }
  } finally {
    await rm(aside, { force: true })
  }
  throw new StackProblem(
    `The lock ${file} could not be taken: others take and leave it all the time.`,
    'Start again.',
  )
}

function held(file: string, { pid }: ProcessIdentity): StackProblem {
  return new StackProblem(
    `Conveyor already runs on ${dirname(file)} (process ${pid}).`,
    'Use that one or stop it with Ctrl-C, or set CONVEYOR_STATE_DIR and other ports for a second one.',
  )
}

function parse(text: string): ProcessIdentity | undefined {
  try {
    return processIdentitySchema.safeParse(JSON.parse(text)).data
  } catch (error) {
    // A machine that lost power can leave an empty file.
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/** Removes the lock that held `stale`; one that another start has taken meanwhile is put back. */
async function dropStale(file: string, stale: string): Promise<void> {
  const removed = `${file}.stale-${process.pid}`
  try {
    await rename(file, removed)
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return
    throw error
  }
  if ((await readFile(removed, 'utf8')) !== stale) await linked(removed, file)
  await rm(removed, { force: true })
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to)
    return true
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false
    throw error
  }
}
