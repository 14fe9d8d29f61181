import { readFileSync } from 'node:fs'
import jsforce from 'jsforce'
import type { CaseResult } from './case-result.ts'
import type { RunningSimulator } from './running-simulator.ts'

/** More than two full pages of 2,000 and more than the 5,000 that a case fetches. */
const BIG_TABLE_ROWS = 7_000
const ACCOUNTS = 12

/**
 * Makes the objects and rows that the clients' own tests expect of an org. Gives a failed case for
 * each that could not be made; the cases that need it fail as well, and this says why.
 */
export async function prepareOrg(simulator: RunningSimulator): Promise<CaseResult[]> {
  const steps: readonly [string, () => Promise<void>][] = [
    ['settings', () => changeSettings(simulator)],
    ['custom objects', () => defineObjects(simulator)],
    ['rows of BigTable__c', () => loadBigTable(connect(simulator))],
    ['sample records', () => loadSamples(connect(simulator))],
  ]
  const failed: CaseResult[] = []
  for (const [name, step] of steps) {
    try {
      await step()
    } catch (error) {
      failed.push({ suite: 'preparation', name, outcome: 'failed', detail: String(error) })
    }
  }
  return failed
}

function connect(simulator: RunningSimulator): jsforce.Connection {
  const connection = new jsforce.Connection({
    instanceUrl: simulator.url,
    accessToken: simulator.accessToken,
    version: '64.0',
  })
  connection.bulk2.pollInterval = 50
  connection.bulk2.pollTimeout = 60_000
  return connection
}

async function loadBigTable(connection: jsforce.Connection): Promise<void> {
  const owner = await connection.query<{ Id: string }>('SELECT Id FROM User LIMIT 1')
  const ownerId = String(owner.records[0]?.Id)
  await load(
    connection,
    'BigTable__c',
    Array.from({ length: BIG_TABLE_ROWS }, () => ({ OwnerId: ownerId })),
  )
}

/** Accounts with two contacts and two opportunities each. */
async function loadSamples(connection: jsforce.Connection): Promise<void> {
  const accounts = await load(
    connection,
    'Account',
    Array.from({ length: ACCOUNTS }, (_, n) => ({
      Name: `Sample Account ${String(n).padStart(2, '0')}`,
      Phone: `555-01${String(n).padStart(2, '0')}`,
    })),
  )
  // The rows of a result come in any order; the number in the name tells them apart.
  const twice = accounts.flatMap(({ id, name }) =>
    [0, 1].map((copy) => ({ id, name: `${name.slice(-2)}-${copy}` })),
  )
  await load(
    connection,
    'Contact',
    twice.map(({ id, name }) => ({ AccountId: id, FirstName: 'Sam', LastName: `Sample ${name}` })),
  )
  await load(
    connection,
    'Opportunity',
    twice.map(({ id, name }, n) => ({
      AccountId: id,
      Name: `Sample Opportunity ${name}`,
      StageName: 'Prospecting',
      CloseDate: `2026-0${(n % 9) + 1}-15`,
    })),
  )
}

/** A real org has identity URLs by https only, and jsforce's tests want one. No client follows it here. */
async function changeSettings(simulator: RunningSimulator): Promise<void> {
  await admin(simulator, 'PATCH', '/settings', { identityHost: 'simulator.my.salesforce.com' })
}

async function admin(
  simulator: RunningSimulator,
  method: 'POST' | 'PATCH',
  path: string,
  body: unknown,
): Promise<void> {
  const response = await fetch(`${simulator.url}/__simulator${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  if (response.ok) return
  throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
}

/** The file of objects is made with the simulator's own call: a real org gets them by a deployment. */
async function defineObjects(simulator: RunningSimulator): Promise<void> {
  const text = readFileSync(new URL('custom-objects.json', import.meta.url), 'utf8')
  const objects: unknown = JSON.parse(text)
  for (const object of Array.isArray(objects) ? objects : [objects]) {
    await admin(simulator, 'POST', '/objects', object)
  }
}

/** Inserts rows in bulk and gives their ids and names. */
async function load(
  connection: jsforce.Connection,
  object: string,
  input: Record<string, string>[],
): Promise<{ id: string; name: string }[]> {
  const { successfulResults, failedResults } = await connection.bulk2.loadAndWaitForResults({
    object,
    operation: 'insert',
    input,
  })
  const [failed] = failedResults
  if (failed !== undefined) throw new Error(`${object}: ${failed.sf__Error}`)
  return successfulResults.map((row) => ({
    id: row.sf__Id,
    name: String(new Map(Object.entries(row)).get('Name') ?? ''),
  }))
}
