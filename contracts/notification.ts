/** Platforms that notices go to. */
export const CHANNEL_KINDS = ['slack', 'discord'] as const
export type ChannelKind = (typeof CHANNEL_KINDS)[number]

/** `environment`: the channel that the environment's variables set up. */
export const CHANNEL_ORIGINS = ['api', 'environment'] as const
export type ChannelOrigin = (typeof CHANNEL_ORIGINS)[number]

/** Who disabled a channel: a person, an answer of the platform, or the environment that no longer names it. */
export type ChannelDisabler = 'person' | 'answer' | 'environment'

/** `event`: the first after a silence; `digest`: what gathered; `test`: a person asked for it. */
export const MESSAGE_CAUSES = ['event', 'digest', 'test'] as const
export type MessageCause = (typeof MESSAGE_CAUSES)[number]

export const MESSAGE_STATES = ['pending', 'sent', 'failed'] as const
export type MessageState = (typeof MESSAGE_STATES)[number]

/** Channels, and rules, that a workspace may have: each event is held against all rules. */
export const MOST_CHANNELS = 50
export const MOST_RULES = 200

/** The workflow of a channel. It knows ids alone: what is sent, and where, stays out of Temporal. */
export interface NotificationInput {
  readonly workspaceId: string
  readonly channelId: string
}

export interface SendNotificationInput extends NotificationInput {
  readonly messageId: string
}

/** What a channel's workflow does next. */
export type NextNotification =
  | { readonly kind: 'send'; readonly messageId: string; readonly items: number }
  /** Nothing is due for `waitMs`. A wake before that counts after `lookAgainMs`. */
  | {
      readonly kind: 'wait'
      readonly waitMs: number
      readonly lookAgainMs: number
      readonly why: string
    }
  /** Nothing waits. */
  | { readonly kind: 'idle' }
  /** The channel is disabled or gone. */
  | { readonly kind: 'ended' }

/** What became of a message, as the workflow shows it. */
export interface SentNotification {
  readonly outcome: 'sent' | 'retry' | 'failed' | 'channel_disabled' | 'ended_before'
  /** Status or kind of failure; nothing of the URL. */
  readonly said: string
}
