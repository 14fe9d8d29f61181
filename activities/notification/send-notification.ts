import { randomUUID } from 'node:crypto'
import type {
  ChannelKind,
  SendNotificationInput,
  SentNotification,
} from '../../contracts/notification.ts'
import {
  channelUrlContext,
  createNotificationChannelQueries,
  type NotificationChannel,
} from '../../db/notification-channels.ts'
import { createNotificationItemQueries } from '../../db/notification-items.ts'
import {
  type AttemptTrouble,
  createNotificationMessageQueries,
  type NotificationMessage,
} from '../../db/notification-messages.ts'
import { discordMessage, discordPlainMessage } from '../../outbound/discord-message.ts'
import type { Notice } from '../../outbound/notice.ts'
import { slackMessage, slackPlainMessage } from '../../outbound/slack-message.ts'
import { SealingError } from '../../security/sealing.ts'
import { heartbeatWhile } from '../bulk-job/heartbeat.ts'
import type { ActivityDependencies } from '../dependencies.ts'
import { disableChannel } from './disable-channel.ts'
import { judgeAnswer, type Verdict } from './judge-answer.ts'
import { noticeLine } from './notice-line.ts'

type Dependencies = Pick<
  ActivityDependencies,
  'database' | 'sealing' | 'notifications' | 'webhooks' | 'failpoint' | 'logger'
>

interface Attempt {
  readonly input: SendNotificationInput
  readonly channel: NotificationChannel
  readonly message: NotificationMessage
  readonly token: string
}

/** Share of a delay that is added or taken away, so that channels do not come back all at once. */
const JITTER = 0.2

/**
 * Makes one attempt to send a message. It is announced in the message's row before the call and its outcome written
 * after it. Where nobody can know whether it arrived, it goes again, so that none is left out, and may come twice: the
 * process died between the call and the note of it, the note could not be written, or the platform's answer was lost
 * (`judgeAnswer`).
 */
export function createSendNotification(
  deps: Dependencies,
): (input: SendNotificationInput) => Promise<SentNotification> {
  const { database, notifications } = deps
  const { settings } = notifications
  const messages = createNotificationMessageQueries(database)

  return async (input) => {
    const channel = await createNotificationChannelQueries(database).find(input.channelId)
    if (channel === null) return { outcome: 'ended_before', said: 'The channel is gone.' }
    const token = randomUUID()
    const message = await messages.beginAttempt(input.messageId, token)
    if (message === null) return { outcome: 'ended_before', said: 'It had ended.' }
    const attempt = { input, channel, message, token }
    await deps.failpoint('notification.begun')
    const verdict = await heartbeatWhile(() => send(attempt))
    await deps.failpoint('notification.answered')
    const sent = await record(attempt, verdict)
    const { channelId, messageId } = input
    const fields = { channelId, messageId, outcome: sent.outcome, said: sent.said }
    if (sent.outcome === 'sent') deps.logger.debug(fields, 'notice sent')
    else deps.logger.warn(fields, 'notice not sent')
    return sent
  }

  async function send({ channel, message }: Attempt): Promise<Verdict> {
    const url = await urlOf(channel)
    if (typeof url !== 'string') return url
    const notice = await noticeOf(message)
    const result = await notifications.fetch.send({
      method: 'POST',
      url: channel.kind === 'discord' ? waiting(url) : url,
      headers: { 'content-type': 'application/json', 'user-agent': 'Conveyor' },
      body: JSON.stringify(formOf(channel.kind, notice, message.plain)),
    })
    return judgeAnswer(channel.kind, result, settings.paceMs)
  }

  /** The URL; or why there is none. */
  async function urlOf(channel: NotificationChannel): Promise<string | Verdict> {
    const { channelId, kind, origin } = channel
    if (origin === 'environment') {
      const url = notifications.environmentUrls[kind]
      // A worker of another environment than the one that set the channel up.
      return url ?? retry('no_url', 'This worker’s environment does not name the channel’s URL.')
    }
    const sealed = await createNotificationChannelQueries(database).sealedUrl(channelId)
    if (sealed === null) return retry('no_url', 'The channel is gone.')
    try {
      return deps.sealing.openSecret(channelUrlContext(channelId), sealed).toString()
    } catch (error) {
      // A key that comes back mends it.
      if (error instanceof SealingError) return retry('sealed', error.message)
      throw error
    }
  }

  async function noticeOf({ messageId, cause, itemCount }: NotificationMessage): Promise<Notice> {
    if (cause === 'test') {
      return {
        title: 'Test message',
        lines: [
          { severity: 'info', title: 'Conveyor', text: 'reaches this channel', at: new Date() },
        ],
        ...{ more: 0, link: null },
      }
    }
    const items = createNotificationItemQueries(database)
    const lines = (await items.listForNotice(messageId, settings.flushAt)).map(noticeLine)
    return {
      title: itemCount === 1 ? '1 event' : `${itemCount.toLocaleString('en-US')} events`,
      lines,
      more: Math.max(0, itemCount - lines.length),
      link:
        settings.publicUrl === null
          ? null
          : `${settings.publicUrl}/v1/notification-messages/${messageId}/items`,
    }
  }

  async function record(attempt: Attempt, verdict: Verdict): Promise<SentNotification> {
    const { channelId, messageId } = attempt.input
    switch (verdict.kind) {
      case 'sent': {
        await database.transaction(async (transaction) => {
          const { status, platformId, holdMs } = verdict
          await createNotificationMessageQueries(transaction).succeed(messageId, status, platformId)
          await createNotificationChannelQueries(transaction).hold(channelId, holdMs)
        })
        return { outcome: 'sent', said: String(verdict.status) }
      }
      case 'retry':
        return retryLater(attempt, verdict.trouble, verdict.afterMs)
      case 'refused_form': {
        const { trouble } = verdict
        if (attempt.message.plain) return fail(attempt, trouble)
        const then = { delayMs: settings.paceMs, plain: true }
        await messages.retryLater(messageId, attempt.token, trouble, then)
        return { outcome: 'retry', said: `${saidOf(trouble)}; it goes again as plain text` }
      }
      case 'refused_channel': {
        const { trouble } = verdict
        const { channel, token } = attempt
        const isNew = await database.transaction(async (transaction) => {
          await createNotificationMessageQueries(transaction).fail(messageId, token, trouble)
          const reason = `${platformName(channel.kind)} refuses it: ${saidOf(trouble)}`
          return disableChannel(transaction, deps.sealing, channel, reason)
        })
        if (isNew) deps.webhooks.onOwnEvents()
        return { outcome: 'channel_disabled', said: saidOf(trouble) }
      }
      default:
        return unreachable(verdict)
    }
  }

  async function retryLater(
    attempt: Attempt,
    trouble: AttemptTrouble,
    afterMs: number | null,
  ): Promise<SentNotification> {
    const { input, message, token } = attempt
    const delayMs = afterMs ?? delayOf(message.attempts)
    const age = Date.now() + delayMs - message.createdAt.getTime()
    if (age > settings.giveUpAfterMs) return fail(attempt, trouble)
    await database.transaction(async (transaction) => {
      await createNotificationMessageQueries(transaction).retryLater(
        input.messageId,
        token,
        trouble,
        {
          ...{ delayMs, plain: false },
        },
      )
      // What the platform asks for is asked of every message.
      const holdMs = afterMs ?? settings.paceMs
      await createNotificationChannelQueries(transaction).hold(input.channelId, holdMs)
    })
    return { outcome: 'retry', said: saidOf(trouble) }
  }

  async function fail(
    { input, token }: Attempt,
    trouble: AttemptTrouble,
  ): Promise<SentNotification> {
    await messages.fail(input.messageId, token, trouble)
    return { outcome: 'failed', said: saidOf(trouble) }
  }

  /** Doubles from attempt to attempt. */
  function delayOf(attempts: number): number {
    const { firstRetryMs, longestRetryMs } = settings
    const delay = Math.min(longestRetryMs, firstRetryMs * 2 ** Math.min(attempts - 1, 20))
    return Math.round(delay * (1 - JITTER + 2 * JITTER * Math.random()))
  }
}

function retry(error: string, message: string): Verdict {
  return { kind: 'retry', trouble: { status: null, error, message }, afterMs: null }
}

function formOf(kind: ChannelKind, notice: Notice, plain: boolean): object {
  if (kind === 'slack') return plain ? slackPlainMessage(notice) : slackMessage(notice)
  return plain ? discordPlainMessage(notice) : discordMessage(notice)
}

/** Discord answers for a message that it has stored; otherwise one that it has not is no error. */
function waiting(url: string): string {
  const parsed = URL.parse(url)
  // What is none is refused where it is called.
  if (parsed === null) return url
  parsed.searchParams.set('wait', 'true')
  return parsed.href
}

function saidOf({ status, message }: AttemptTrouble): string {
  return status === null ? message : `${status} ${message}`
}

function platformName(kind: ChannelKind): string {
  return kind === 'slack' ? 'Slack' : 'Discord'
}

function unreachable(verdict: never): never {
  throw new Error(`Unknown verdict ${JSON.stringify(verdict)}`)
}
