import {
  condition,
  continueAsNew,
  defineSignal,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow'
import type { EndpointView, EndpointWish, ProbeOutcome } from '../contracts/endpoint-steps.ts'
import type { EndpointInput } from '../contracts/pump.ts'
import { database, probes } from './proxies.ts'

const retryNowSignal = defineSignal('retryNow')
const pauseSignal = defineSignal('pause')
const disableSignal = defineSignal('disable')

/** A paused endpoint, or one that another process tries just now, is looked at again after so long. */
const LOOK_AGAIN_MS = 60_000
const BUSY_MS = 5_000

/** An endpoint that keeps failing: owns its retries, and ends when it recovers or is disabled. */
export async function endpoint(input: EndpointInput): Promise<{ readonly outcome: ProbeOutcome }> {
  const { probeEndpoint } = probes()
  let retryNow = false
  let wish: EndpointWish['wish'] | null = null
  setHandler(retryNowSignal, () => {
    retryNow = true
  })
  setHandler(pauseSignal, () => {
    wish = 'pause'
  })
  setHandler(disableSignal, () => {
    wish = 'disable'
  })

  for (;;) {
    const view = await database.lookAtEndpoint(input)
    show(input, view)
    if (!view.troubled) return { outcome: 'ended' }
    const isDue = await condition(() => retryNow || wish !== null, waitFor(view)).then(
      (asked) => !asked || retryNow,
    )
    if (wish !== null) {
      const asked: EndpointWish['wish'] = wish
      // Before the step: a wish that comes meanwhile is one of its own.
      wish = null
      await database.steerEndpoint({ ...input, wish: asked })
      // A person who asks may have ended the pause since it was looked at; where not, nothing is sent.
    } else if (retryNow || (isDue && !view.paused)) {
      retryNow = false
      const outcome = await probeEndpoint(input)
      if (outcome === 'busy') await condition(() => wish !== null, BUSY_MS)
      else if (outcome !== 'failing') return { outcome }
    }
    if (workflowInfo().continueAsNewSuggested && wish === null && !retryNow) {
      await continueAsNew<typeof endpoint>(input)
    }
  }
}

function waitFor({ nextProbeAt, paused }: EndpointView): number {
  if (paused || nextProbeAt === null) return LOOK_AGAIN_MS
  return Math.max(1, nextProbeAt - Date.now())
}

function show({ subscriptionId }: EndpointInput, view: EndpointView): void {
  const time = (at: number | null) => (at === null ? 'never' : new Date(at).toISOString())
  setCurrentDetails(
    [
      `The endpoint of \`${subscriptionId}\` keeps failing. Its deliveries wait; one at a time is tried until one goes through.`,
      '',
      '| in trouble since | last answer | failures in a row | last success | waiting | next attempt |',
      '|---|---|---|---|---|---|',
      `| ${time(view.since)} | ${view.lastStatus ?? view.lastError ?? ''} | ${view.consecutiveFailures} | ${time(view.lastSuccessAt)} | ${view.waiting}${view.waiting === 1_000 ? ' or more' : ''} | ${view.paused ? 'paused' : time(view.nextProbeAt)} |`,
      '',
      'Signals: `retryNow` tries it at once, `pause` holds its deliveries, `disable` gives it up.',
    ].join('\n'),
  )
}
