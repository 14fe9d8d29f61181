import type { Hono } from 'hono'
import { html } from 'hono/html'
import { faultProblem } from '../faults/check-fault.ts'
import type { Fault } from '../faults/fault-book.ts'
import { CALL_NAMES } from '../http/call-names.ts'
import type { Org, OrgContext, OrgEnv } from '../http/org-context.ts'
import { ACTION_KINDS, readFaultForm } from './fault-form.ts'
import { answerPage, button, type Html, table } from './page-layout.ts'
import { readForm } from './read-form.ts'

/** Faults that are set, and a form for new ones. */
export function addFaultPages(app: Hono<OrgEnv>, org: Org): void {
  app.get('/page/faults', (c) => page(org, c, {}, null))
  app.post('/page/faults', async (c) => {
    const form = await readForm(c)
    const read = readFaultForm(form)
    if (!read.ok) return page(org, c, form, read.reason)
    const problem = faultProblem(read.fault)
    if (problem !== null) return page(org, c, form, problem)
    org.faults.add(read.fault)
    return c.redirect('/page/faults', 303)
  })
  app.post('/page/faults/clear', (c) => {
    org.faults.clear()
    return c.redirect('/page/faults', 303)
  })
  app.post('/page/faults/:id/remove', (c) => {
    // It may be gone already: then all is as it was wanted.
    org.faults.remove(c.req.param('id'))
    return c.redirect('/page/faults', 303)
  })
}

function page(
  org: Org,
  c: OrgContext,
  form: Readonly<Record<string, string>>,
  problem: string | null,
) {
  const faults = org.faults.list()
  return answerPage(c, {
    title: 'Faults',
    current: '/page/faults',
    status: problem === null ? 200 : 400,
    body: html`${faultTable(faults)}
      ${faults.length > 1 ? html`<p>${button('/page/faults/clear', 'Remove all')}</p>` : ''}
      <h2>Add a fault</h2>
      ${problem === null ? '' : html`<p class="error">${problem}</p>`}
      ${addForm(form)}
      <h2>Actions</h2>
      ${table([['Action'], ['Parameters with their defaults']], actionRows())}`,
  })
}

export function faultTable(faults: readonly Fault[]): Html {
  const head = [
    ['Action'],
    ['Where'],
    ['Turns'],
    ['Left', 'n'],
    ['Matched', 'n'],
    ['Struck', 'n'],
    [''],
  ] as const
  return table(head, faults.map(faultRow))
}

function faultRow(fault: Fault): Html {
  const { type, ...parameters } = fault.action
  const where = Object.entries(fault.match).map(([name, value]) => `${name}: ${value}`)
  const turns = [
    fault.after === 0 ? [] : [`after ${fault.after}`],
    fault.everyKth === 1 ? [] : [`each ${fault.everyKth}.`],
    fault.probability === 1 ? [] : [`with probability ${fault.probability}`],
  ].flat()
  return html`<tr>
    <td>${type} <code class="faint">${Object.keys(parameters).length === 0 ? '' : JSON.stringify(parameters)}</code></td>
    <td>${where.length === 0 ? 'everywhere' : where.join(', ')}</td>
    <td>${turns.length === 0 ? 'each' : turns.join(', ')}</td>
    <td class="n">${String(fault.left)}</td><td class="n">${fault.matched}</td>
    <td class="n">${fault.struck}</td>
    <td>${button(`/page/faults/${fault.id}/remove`, 'Remove')}</td>
  </tr>`
}

function addForm(form: Readonly<Record<string, string>>): Html {
  const input = (name: string, label: string, hint: string, list = ''): Html =>
    html`<label>${label} <input name="${name}" value="${form[name] ?? ''}" placeholder="${hint}" list="${list}"></label>`
  const types = ACTION_KINDS.map(({ type }) =>
    form['type'] === type
      ? html`<option selected>${type}</option>`
      : html`<option>${type}</option>`,
  )
  const names = CALL_NAMES.map((name) => html`<option value="${name}"></option>`)
  return html`<form class="fields" method="post" action="/page/faults">
    <label>Action <select name="type">${types}</select></label>
    <label class="full">Parameters, as JSON
      <textarea name="parameters" placeholder="{&quot;status&quot;: 503, &quot;after&quot;: true}">${form['parameters'] ?? ''}</textarea></label>
    ${input('call', 'Call', 'any', 'names')} ${input('method', 'Method', 'any')}
    ${input('path', 'Path (regular expression)', 'any')} ${input('object', 'Object', 'any')}
    ${input('operation', 'Operation of a job', 'any')} ${input('subscription', 'Push subscription', 'any')}
    ${input('times', 'Times, or “always”', '1')} ${input('probability', 'Probability', '1')}
    ${input('after', 'Let so many through first', '0')} ${input('everyKth', 'Then strike each so-many-th', '1')}
    <button class="full">Add fault</button>
    <datalist id="names">${names}</datalist>
  </form>`
}

function actionRows(): Html[] {
  return ACTION_KINDS.map(
    ({ type, parameters }) =>
      html`<tr><td>${type}</td><td><code>${parameters === '' ? '–' : parameters}</code></td></tr>`,
  )
}
