import { z } from 'zod'
import {
  type FakePlatform,
  moreOf,
  type ScriptedAnswer,
  startFakePlatform,
} from './fake-platform.ts'

const mrkdwn = z.strictObject({
  type: z.literal('mrkdwn'),
  text: z.string().min(1).max(3_000),
  verbatim: z.boolean().optional(),
})
const block = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('header'),
    text: z.strictObject({
      type: z.literal('plain_text'),
      text: z.string().min(1).max(150),
      emoji: z.boolean().optional(),
    }),
  }),
  z.strictObject({ type: z.literal('section'), text: mrkdwn }),
  z.strictObject({ type: z.literal('context'), elements: z.array(mrkdwn).min(1).max(10) }),
])
const message = z.strictObject({
  text: z.string().min(1).max(40_000),
  blocks: z.array(block).min(1).max(50).optional(),
  unfurl_links: z.boolean().optional(),
  unfurl_media: z.boolean().optional(),
})

/** About what Slack was seen to refuse. */
const TOTAL = 13_200
/** One message a second; clocks and the network may take a little of it. */
const GAP_MS = 950

/** Incoming webhooks of Slack, with the limits of blocks and texts and one message a second. */
export function startFakeSlack(): Promise<FakePlatform> {
  return startFakePlatform({
    pathOf: (channel) => `/services/T000/B000/${channel}`,
    channelOf: ({ pathname }) => /^\/services\/T000\/B000\/(\w+)$/.exec(pathname)?.[1] ?? null,
    refuse(body): ScriptedAnswer | null {
      const parsed = message.safeParse(body)
      if (!parsed.success) return { status: 400, body: 'invalid_blocks' }
      const length = textsOf(parsed.data).reduce((sum, text) => sum + text.length, 0)
      return length > TOTAL ? { status: 400, body: 'msg_blocks_too_long' } : null
    },
    read(body) {
      const parsed = message.parse(body)
      const text = [...textsOf(parsed), parsed.text].join('\n')
      const lines = (parsed.blocks === undefined ? [parsed.text] : textsOf(parsed)).join('\n')
      const shown = lines.match(/ UTC$/gm)?.length ?? 0
      return { events: shown + moreOf(lines), text, isPlain: parsed.blocks === undefined }
    },
    accept: () => ({ status: 200, body: 'ok' }),
    limit(before, now) {
      const last = before.at(-1)
      return last !== undefined && now - last.at < GAP_MS
        ? { status: 429, body: 'rate_limited', headers: { 'retry-after': '1' } }
        : null
    },
  })
}

function textsOf({ blocks = [] }: z.infer<typeof message>): string[] {
  return blocks.flatMap((each) =>
    each.type === 'context' ? each.elements.map(({ text }) => text) : [each.text.text],
  )
}
