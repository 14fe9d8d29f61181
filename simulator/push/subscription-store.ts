import type { DatabaseSync } from 'node:sqlite'
import type { OutboundMessage, Subscription, Webhook } from './subscription.ts'

/** Subscriptions as the file keeps them, so that every thread sees them. Writers run in a transaction. */
export interface SubscriptionStore {
  list(): Subscription[]
  get(n: number): Subscription | null
  addOutbound(outbound: OutboundMessage): Subscription
  addWebhook(webhook: Webhook): Subscription
  setActive(n: number, active: boolean): void
  remove(n: number): void
  clear(): void
}

export function createSubscriptionStore(database: DatabaseSync): SubscriptionStore {
  // Numbers are never given out again: what is still queued must not go to another's endpoint.
  database.exec(`CREATE TABLE IF NOT EXISTS push_subscription (
    n INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, definition TEXT NOT NULL
  ) STRICT`)
  const all = database.prepare('SELECT * FROM push_subscription ORDER BY n')
  const one = database.prepare('SELECT * FROM push_subscription WHERE n = ?')
  const insert = database.prepare('INSERT INTO push_subscription (kind, definition) VALUES (?, ?)')
  const setActive = database.prepare(
    `UPDATE push_subscription SET definition = json_set(definition, '$.active', json(?)) WHERE n = ?`,
  )
  const remove = database.prepare('DELETE FROM push_subscription WHERE n = ?')
  const clear = database.prepare('DELETE FROM push_subscription')
  const added = (kind: Subscription['kind'], definition: OutboundMessage | Webhook): number =>
    Number(insert.run(kind, JSON.stringify(definition)).lastInsertRowid)

  return {
    list: () => all.all().map(toSubscription),
    get(n) {
      const row = one.get(n)
      return row === undefined ? null : toSubscription(row)
    },
    addOutbound: (outbound) => ({ kind: 'outbound', n: added('outbound', outbound), outbound }),
    addWebhook: (webhook) => ({ kind: 'webhook', n: added('webhook', webhook), webhook }),
    setActive: (n, active) => void setActive.run(String(active), n),
    remove: (n) => void remove.run(n),
    clear: () => void clear.run(),
  }
}

function toSubscription(row: Record<string, unknown>): Subscription {
  const n = Number(row['n'])
  const definition: unknown = JSON.parse(String(row['definition']))
  // The table is written by this module alone, each kind from its own type.
  return row['kind'] === 'outbound'
    ? { kind: 'outbound', n, outbound: definition as OutboundMessage }
    : { kind: 'webhook', n, webhook: definition as Webhook }
}
