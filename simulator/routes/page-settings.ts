import type { Hono } from 'hono'
import { html } from 'hono/html'
import { z } from 'zod'
import type { Org, OrgContext, OrgEnv } from '../http/org-context.ts'
import { defaultSettings, settingsPatchSchema, settingsSchema } from '../settings.ts'
import { answerPage, type Html } from './page-layout.ts'
import { readForm } from './read-form.ts'

/** All settings in one form. Numbers, lists and `null` are written as JSON. */
export function addSettingsPages(app: Hono<OrgEnv>, org: Org): void {
  app.get('/page/settings', (c) => page(org, c, {}, null))
  app.post('/page/settings', async (c) => {
    const form = await readForm(c)
    const current: Record<string, unknown> = { ...org.settings() }
    const change: Record<string, unknown> = {}
    for (const [name, schema] of Object.entries(settingsSchema.shape)) {
      const text = form[name]
      if (text === undefined) continue
      const value = readValue(schema, text)
      // The counter of calls goes on while the form is filled in: what was not touched stays.
      if (text !== form[`was.${name}`] && JSON.stringify(value) !== JSON.stringify(current[name])) {
        change[name] = value
      }
    }
    const parsed = settingsPatchSchema.safeParse(change)
    if (!parsed.success) return page(org, c, form, z.prettifyError(parsed.error))
    org.changeSettings(parsed.data)
    return c.redirect('/page/settings', 303)
  })
}

/** A value as the form writes it: JSON, unless the setting takes the text alone. */
function readValue(schema: z.ZodType, text: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    return schema.safeParse(text).success && !schema.safeParse(value).success ? text : value
  } catch {
    return text
  }
}

function page(
  org: Org,
  c: OrgContext,
  form: Readonly<Record<string, string>>,
  problem: string | null,
) {
  const current = org.settings()
  const defaults: Record<string, unknown> = { ...defaultSettings() }
  const fields = Object.entries(current).map(([name, value]) => {
    const inner = settingsField(name)
    const text = shown(value)
    const isChanged = text !== shown(defaults[name])
    return html`<label>${isChanged ? html`<b>${name}</b>` : name}
      ${inputFor(inner, name, form[name] ?? text)}
      <input type="hidden" name="was.${name}" value="${text}"></label>`
  })
  return answerPage(c, {
    title: 'Settings',
    current: '/page/settings',
    status: problem === null ? 200 : 400,
    body: html`<p class="faint">What differs from its default is bold. Settings end with the process.</p>
      ${problem === null ? '' : html`<p class="error">${problem}</p>`}
      <form class="fields" method="post" action="/page/settings">${fields}
      <button class="full">Save</button></form>`,
  })
}

function settingsField(name: string): unknown {
  const shape: Record<string, z.ZodType> = settingsSchema.shape
  const schema = shape[name]
  return schema instanceof z.ZodDefault ? schema.unwrap() : schema
}

function inputFor(schema: unknown, name: string, text: string): Html {
  if (schema instanceof z.ZodBoolean) return choice(name, ['true', 'false'], text)
  if (schema instanceof z.ZodEnum) return choice(name, schema.options.map(String), text)
  return html`<input name="${name}" value="${text}">`
}

function choice(name: string, options: readonly string[], chosen: string): Html {
  const items = options.map((option) =>
    option === chosen
      ? html`<option selected>${option}</option>`
      : html`<option>${option}</option>`,
  )
  return html`<select name="${name}">${items}</select>`
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
