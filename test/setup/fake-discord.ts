import { z } from 'zod'
import {
  type FakePlatform,
  moreOf,
  type ScriptedAnswer,
  startFakePlatform,
} from './fake-platform.ts'

const message = z
  .strictObject({
    content: z.string().min(1).max(2_000).optional(),
    embeds: z
      .array(
        z.strictObject({
          title: z.string().min(1).max(256).optional(),
          description: z.string().min(1).max(4_096).optional(),
          color: z.int().min(0).max(0xffffff).optional(),
        }),
      )
      .min(1)
      .max(10)
      .optional(),
    allowed_mentions: z.strictObject({ parse: z.array(z.never()) }),
  })
  .refine(({ content, embeds }) => content !== undefined || embeds !== undefined)

const TOTAL = 6_000
/** Of a webhook, as observed: the headers say it. */
const BUCKET = 5
const BUCKET_MS = 2_000

/** Webhooks of Discord, with the limits of embeds and a bucket of five messages in two seconds. */
export function startFakeDiscord(): Promise<FakePlatform> {
  return startFakePlatform({
    pathOf: (channel) => `/api/webhooks/123456/${channel}`,
    channelOf: ({ pathname }) => /^\/api\/webhooks\/123456\/(\w+)$/.exec(pathname)?.[1] ?? null,
    refuse(body): ScriptedAnswer | null {
      const parsed = message.safeParse(body)
      const length = parsed.success
        ? embedTexts(parsed.data).reduce((sum, text) => sum + text.length, 0)
        : Number.POSITIVE_INFINITY
      if (length <= TOTAL) return null
      return {
        status: 400,
        body: JSON.stringify({ code: 50035, message: 'Invalid Form Body', errors: {} }),
      }
    },
    read(body) {
      const parsed = message.parse(body)
      const text = [parsed.content ?? '', ...embedTexts(parsed)].join('\n')
      const shown = text.match(/ · <t:\d+:T>$/gm)?.length ?? 0
      return { events: shown + moreOf(text), text, isPlain: parsed.embeds === undefined }
    },
    accept(before, url) {
      const recent = before.filter(({ at }) => Date.now() - at < BUCKET_MS)
      const headers = {
        'x-ratelimit-limit': String(BUCKET),
        'x-ratelimit-remaining': String(Math.max(0, BUCKET - recent.length - 1)),
        'x-ratelimit-reset-after': String(BUCKET_MS / 1_000),
      }
      if (url.searchParams.get('wait') !== 'true') return { status: 204, body: '', headers }
      const id = String(1_000_000 + before.length)
      return { status: 200, body: JSON.stringify({ id, type: 0 }), headers }
    },
    limit(before, now) {
      const recent = before.filter(({ at }) => now - at < BUCKET_MS)
      if (recent.length < BUCKET) return null
      const body = { message: 'You are being rate limited.', retry_after: 0.65, global: false }
      return { status: 429, body: JSON.stringify(body), headers: { 'retry-after': '1' } }
    },
  })
}

function embedTexts({ embeds = [] }: z.infer<typeof message>): string[] {
  return embeds.flatMap(({ title, description }) =>
    [title, description].filter((text) => text !== undefined),
  )
}
