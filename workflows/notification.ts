import {
  condition,
  continueAsNew,
  defineSignal,
  setCurrentDetails,
  setHandler,
  sleep,
  workflowInfo,
} from '@temporalio/workflow'
import type { NotificationInput } from '../contracts/notification.ts'
import { database, notices } from './proxies.ts'

/** Something waits for the channel, or a person wants it looked at. */
const wakeSignal = defineSignal('wake')

/** How long a run stays after the last message: the next item is told without a start. */
const IDLE_MS = 60_000

/**
 * Tells one channel what waits for it, one message at a time and at the pace that the rows say. It holds nothing that
 * they do not hold: a run that was lost is started again by the next item, or by the look after neglected channels.
 */
export async function notification(input: NotificationInput): Promise<void> {
  const { workspaceId, channelId } = input
  let wakes = 0
  let sent = 0
  let last = ''
  setHandler(wakeSignal, () => {
    wakes += 1
  })

  for (;;) {
    const seen = wakes
    const next = await database.nextNotification({ workspaceId, channelId })
    switch (next.kind) {
      case 'send': {
        show(`sending a message of ${next.items} events`)
        const { outcome, said } = await notices.sendNotification.executeWithOptions(
          { summary: `${next.items} events` },
          [{ workspaceId, channelId, messageId: next.messageId }],
        )
        if (outcome === 'sent') sent += 1
        last = `${outcome}: ${said}`
        break
      }
      case 'wait': {
        show(`waiting: ${next.why}`)
        // Each look costs an activity: what comes in between is seen by the next one.
        await sleep(next.lookAgainMs, { summary: next.why })
        const restMs = next.waitMs - next.lookAgainMs
        if (restMs > 0) await condition(() => wakes > seen, restMs, { summary: next.why })
        break
      }
      case 'idle': {
        show('nothing waits')
        if (!(await condition(() => wakes > seen, IDLE_MS, { summary: 'nothing waits' }))) return
        break
      }
      case 'ended':
        show('the channel is disabled or gone')
        return
      default:
        return unknownNext(next)
    }
    // The new run looks before it waits: no wake is lost on the way.
    if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof notification>(input)
  }

  function show(now: string): void {
    setCurrentDetails(
      [
        `Channel \`${channelId}\`: ${now}.`,
        '',
        `${sent} messages sent by this run${last === '' ? '' : `; the last attempt: ${last}`}.`,
      ].join('\n'),
    )
  }
}

function unknownNext(next: never): never {
  throw new Error(`Unknown step ${JSON.stringify(next)}`)
}
