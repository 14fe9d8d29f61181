import type { Hono } from 'hono'
import { html } from 'hono/html'
import type { RecordedCall } from '../http/call-log.ts'
import { CALL_NAMES } from '../http/call-names.ts'
import type { Org, OrgEnv } from '../http/org-context.ts'
import { answerPage, count, type Html, table } from './page-layout.ts'

const SHOWN = 200

/** The latest calls, latest first. */
export function addCallPages(app: Hono<OrgEnv>, org: Org): void {
  app.get('/page/calls', (c) => {
    const name = c.req.query('name') || undefined
    const status = c.req.query('status') || undefined
    const filter = { name, status: status === undefined ? undefined : Number(status) }
    const calls = org.calls.find(filter, SHOWN).toReversed()
    const counts = Object.entries(org.calls.counts())
      .toSorted(([, a], [, b]) => b - a)
      .map(([known, n]) => html`<a href="/page/calls?name=${known}">${known}</a> ${count(n)}&ensp;`)
    const options = CALL_NAMES.map((known) => html`<option value="${known}"></option>`)
    return answerPage(c, {
      title: 'Recent calls',
      current: '/page/calls',
      refreshable: name === undefined && status === undefined,
      body: html`<p>${counts}</p>
        <form class="fields" method="get">
        <label>Name <input name="name" list="names" value="${name ?? ''}"></label>
        <label>Status (0: cut) <input name="status" inputmode="numeric" value="${status ?? ''}"></label>
        <button>Show</button></form><datalist id="names">${options}</datalist>
        ${callTable(calls)}`,
    })
  })
  app.post('/page/calls/clear', (c) => {
    org.calls.clear()
    return c.redirect('/page/calls', 303)
  })
}

export function callTable(calls: readonly RecordedCall[]): Html {
  const head = [
    ['At'],
    ['Name'],
    ['Call'],
    ['Status', 'n'],
    ['Time', 'n'],
    ['Received', 'n'],
    ['Sent', 'n'],
    ['Faults'],
  ] as const
  return table(head, calls.map(callRow))
}

function callRow(call: RecordedCall): Html {
  const isBad = call.status === 0 || call.status >= 400
  return html`<tr title="${call.requestId}">
    <td>${new Date(call.at).toISOString().slice(11, 23)}</td><td>${call.name}</td>
    <td><code>${call.method} ${call.path}${call.query}</code></td>
    <td class="n ${isBad ? 'bad' : ''}">${call.status === 0 ? 'cut' : call.status}</td>
    <td class="n">${count(call.ms)} ms</td><td class="n">${count(call.wire.received)}</td>
    <td class="n">${count(call.wire.sent)}</td><td>${call.faults.join(', ')}</td>
  </tr>`
}
