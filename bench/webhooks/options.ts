import { parseArgs } from 'node:util'
import { UsageError, wholeNumber } from '../command-line.ts'

const PARTS = ['acknowledgement', 'attempts', 'throughput', 'isolation', 'backlog'] as const
export type WebhookBenchPart = (typeof PARTS)[number]

export interface WebhookBenchOptions {
  readonly parts: readonly WebhookBenchPart[]
  /** Of one run at a steady rate. */
  readonly seconds: number
  /** Webhooks a second whose acknowledgement is measured. */
  readonly rates: readonly number[]
  /** Events a second, and endpoints, of the first attempts. */
  readonly eventRates: readonly number[]
  readonly endpoints: readonly number[]
  /** Events in the backlog that is drained. */
  readonly events: number
  /** Deliveries that wait while claims are timed. */
  readonly pending: readonly number[]
  readonly claims: number
  /** Of each subscription. */
  readonly concurrency: number
  readonly repeat: number
  readonly save: boolean
  readonly keep: boolean
  readonly profileDirectory: string | null
}

/** @throws UsageError */
export function readWebhookBenchOptions(args: readonly string[]): WebhookBenchOptions {
  const values = parse(args)
  const list = (name: string, text: string, most: number, least = 1) =>
    text
      .split(',')
      .map((part) => (least === 0 && part.trim() === '0' ? 0 : wholeNumber(name, part, most)))
  return {
    parts: partsOf(values),
    seconds: wholeNumber('--seconds', values.seconds, 600),
    rates: list('--rates', values.rates, 20_000),
    eventRates: list('--event-rates', values['event-rates'], 20_000),
    endpoints: list('--endpoints', values.endpoints, 5_000),
    events: wholeNumber('--events', values.events, 1_000_000),
    pending: list('--pending', values.pending, 10_000_000, 0).toSorted((a, b) => a - b),
    claims: wholeNumber('--claims', values.claims, 100_000),
    concurrency: wholeNumber('--concurrency', values.concurrency, 100),
    repeat: wholeNumber('--repeat', values.repeat, 100),
    save: values.save,
    keep: values.keep,
    profileDirectory: values.profile ?? null,
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        only: { type: 'string' },
        isolation: { type: 'boolean', default: false },
        backlog: { type: 'boolean', default: false },
        seconds: { type: 'string', default: '20' },
        rates: { type: 'string', default: '100,500' },
        'event-rates': { type: 'string', default: '50,200' },
        endpoints: { type: 'string', default: '5,500,5000' },
        events: { type: 'string', default: '10000' },
        pending: { type: 'string', default: '0,10000,100000,1000000' },
        claims: { type: 'string', default: '200' },
        concurrency: { type: 'string', default: '10' },
        repeat: { type: 'string', default: '1' },
        save: { type: 'boolean', default: false },
        keep: { type: 'boolean', default: false },
        profile: { type: 'string' },
      },
    }).values
  } catch (error) {
    if (error instanceof TypeError) throw new UsageError(error.message)
    throw error
  }
}

function partsOf(values: {
  readonly only?: string | undefined
  readonly isolation: boolean
  readonly backlog: boolean
}): readonly WebhookBenchPart[] {
  const named = new Set<WebhookBenchPart>()
  for (const text of values.only?.split(',') ?? []) {
    const part = PARTS.find((one) => one === text.trim())
    if (part === undefined) {
      throw new UsageError(`--only takes ${PARTS.join(', ')}; "${text}" is none of them.`)
    }
    named.add(part)
  }
  if (values.isolation) named.add('isolation')
  if (values.backlog) named.add('backlog')
  if (named.size === 0) return ['acknowledgement', 'attempts', 'throughput']
  return PARTS.filter((part) => named.has(part))
}
