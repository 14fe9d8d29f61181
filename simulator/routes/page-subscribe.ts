import type { Hono } from 'hono'
import { html } from 'hono/html'
import { z } from 'zod'
import { ApiError } from '../http/api-error.ts'
import type { Org, OrgEnv } from '../http/org-context.ts'
import { addOutboundMessage, addWebhook } from '../push/subscribe.ts'
import { outboundMessageSchema, webhookSchema } from '../push/subscription.ts'
import { answerPage, type Html } from './page-layout.ts'
import { readForm } from './read-form.ts'

type Form = Readonly<Record<string, string>>

const words = (text: string | undefined): string[] =>
  (text ?? '').split(/[\s,]+/).filter((word) => word !== '')
const number = (text: string | undefined): number | undefined =>
  text === undefined || text === '' ? undefined : Number(text)

/** Takes the forms for outbound messages and signed webhooks. */
export function addSubscriptionForms(app: Hono<OrgEnv>, org: Org): void {
  app.post('/page/pushes/outbound', async (c) => {
    const form = await readForm(c)
    const parsed = outboundMessageSchema.safeParse({
      name: form['name'],
      object: form['object'],
      endpointUrl: form['endpointUrl'],
      fields: words(form['fields']),
      events: words(form['events']),
      includeSessionId: form['includeSessionId'] === 'yes',
    })
    if (!parsed.success) return refused(c, form, z.prettifyError(parsed.error))
    return accepted(c, form, () => addOutboundMessage(org, parsed.data))
  })
  app.post('/page/pushes/webhook', async (c) => {
    const form = await readForm(c)
    const parsed = webhookSchema.safeParse({
      url: form['url'],
      secret: form['secret'],
      objects: words(form['objects']),
      events: words(form['events']),
      form: form['form'],
      encoding: form['encoding'],
      batchIds: number(form['batchIds']),
      retries: number(form['retries']),
    })
    if (!parsed.success) return refused(c, form, z.prettifyError(parsed.error))
    return accepted(c, form, () => addWebhook(org, parsed.data))
  })
}

type PageContext = Parameters<typeof answerPage>[0]

function refused(c: PageContext, form: Form, problem: string): Response | Promise<Response> {
  return answerPage(c, {
    title: 'New push subscription',
    current: '/page/pushes',
    status: 400,
    body: subscriptionForms(form, problem),
  })
}

async function accepted(
  c: PageContext,
  form: Form,
  add: () => Promise<unknown>,
): Promise<Response> {
  try {
    await add()
  } catch (error) {
    if (error instanceof ApiError) return refused(c, form, error.message)
    throw error
  }
  return c.redirect('/page/pushes', 303)
}

/** Both forms, filled in as they were sent. */
export function subscriptionForms(form: Form, problem: string | null): Html {
  const input = (name: string, label: string, fallback = '', hint = ''): Html =>
    html`<label>${label} <input name="${name}" value="${form[name] ?? fallback}" placeholder="${hint}"></label>`
  const choice = (name: string, label: string, options: readonly string[]): Html =>
    html`<label>${label} <select name="${name}">${options.map((option) =>
      form[name] === option
        ? html`<option selected>${option}</option>`
        : html`<option>${option}</option>`,
    )}</select></label>`
  return html`${problem === null ? '' : html`<p class="error">${problem}</p>`}
    <h2>Outbound message</h2>
    <p class="faint">SOAP, repeated until it is acknowledged.</p>
    <form class="fields" method="post" action="/page/pushes/outbound">
    ${input('name', 'Name', 'Changes')} ${input('object', 'Object', 'Account')}
    ${input('endpointUrl', 'Endpoint', '', 'http://127.0.0.1:8080/')}
    ${input('fields', 'Fields beside Id', 'Name')} ${input('events', 'Events', 'created, updated')}
    ${choice('includeSessionId', 'Send a session', ['no', 'yes'])}
    <button class="full">Add outbound message</button></form>
    <h2>Signed webhook</h2>
    <p class="faint">JSON with an HMAC, made once, as Apex does.</p>
    <form class="fields" method="post" action="/page/pushes/webhook">
    ${input('url', 'Address', '', 'http://127.0.0.1:8080/')} ${input('secret', 'Secret')}
    ${input('objects', 'Objects, or *', '*')}
    ${input('events', 'Events', 'created, updated, deleted, undeleted')}
    ${choice('form', 'Signed form', ['raw', 'sorted', 'python'])}
    ${choice('encoding', 'Encoding', ['base64', 'hex'])}
    ${input('batchIds', 'Ids in a callout', '200')} ${input('retries', 'Retries', '0')}
    <button class="full">Add webhook</button></form>`
}
