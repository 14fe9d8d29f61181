import type { Hono } from 'hono'
import { html } from 'hono/html'
import type { Org, OrgEnv } from '../http/org-context.ts'
import type { RecordedPush } from '../push/push-log.ts'
import { isActive, type Subscription, targetOf } from '../push/subscription.ts'
import { answerPage, button, count, type Html, table } from './page-layout.ts'
import { addSubscriptionForms, subscriptionForms } from './page-subscribe.ts'

const SHOWN = 100

/** Who gets pushes, what waits, and what was sent. */
export function addPushPages(app: Hono<OrgEnv>, org: Org): void {
  app.get('/page/pushes', (c) => {
    const waiting = org.pushes.waiting()
    const counts = Object.entries(org.pushes.log.counts()).map(
      ([outcome, n]) => `${outcome} ${count(n)}`,
    )
    const pushes = org.pushes.log.find({}, SHOWN).toReversed()
    return answerPage(c, {
      title: 'Pushes',
      current: '/page/pushes',
      body: html`${subscriptionTable(org)}
        <p>${count(waiting)} waiting${counts.map((text) => `, ${text}`)}.
        ${waiting === 0 ? '' : button('/page/pushes/retry', 'Send all that waits now')}</p>
        <p><a href="/page/pushes/new">Add an outbound message or a signed webhook</a></p>
        <h2>Latest attempts</h2>${pushTable(pushes)}`,
    })
  })
  app.get('/page/pushes/new', (c) =>
    answerPage(c, {
      title: 'New push subscription',
      current: '/page/pushes',
      body: subscriptionForms({}, null),
    }),
  )
  addSubscriptionForms(app, org)
  app.post('/page/pushes/retry', async (c) => {
    await org.pushes.retryNow()
    return c.redirect('/page/pushes', 303)
  })
  app.post('/page/pushes/:n/remove', async (c) => {
    await org.pushes.remove(Number(c.req.param('n')))
    return c.redirect('/page/pushes', 303)
  })
  app.post('/page/pushes/:n/active', async (c) => {
    const subscription = org.pushes.get(Number(c.req.param('n')))
    if (subscription !== null) await org.pushes.setActive(subscription.n, !isActive(subscription))
    return c.redirect('/page/pushes', 303)
  })
}

export function subscriptionTable(org: Org): Html {
  const rows = org.pushes.list().map((subscription) => {
    const { n } = subscription
    return html`<tr><td class="n">${n}</td><td>${what(subscription)}</td>
      <td><code>${targetOf(subscription)}</code></td>
      <td>${isActive(subscription) ? html`<span class="good">active</span>` : 'off'}</td>
      <td class="n">${count(org.pushes.waiting(n))}</td>
      <td>${button(`/page/pushes/${n}/active`, isActive(subscription) ? 'Switch off' : 'Switch on')}
      ${button(`/page/pushes/${n}/remove`, 'Remove')}</td></tr>`
  })
  return table([['Number', 'n'], ['What'], ['Where to'], [''], ['Waiting', 'n'], ['']], rows)
}

function what(subscription: Subscription): string {
  if (subscription.kind === 'outbound') {
    const { name, object, events, fields } = subscription.outbound
    return `Outbound message ${name}: ${object} ${events.join(', ')}; ${['Id', ...fields].join(', ')}`
  }
  const { name, objects, events, form, encoding } = subscription.webhook
  return `Signed webhook ${name}: ${objects.join(', ')} ${events.join(', ')}; ${form} form, ${encoding}`
}

function pushTable(pushes: readonly RecordedPush[]): Html {
  const head = [
    ['At'],
    ['To', 'n'],
    ['Object'],
    ['Records', 'n'],
    ['Attempt', 'n'],
    ['Outcome'],
    ['Time', 'n'],
    [''],
  ] as const
  return table(head, pushes.map(pushRow))
}

function pushRow(push: RecordedPush): Html {
  const isGood = push.outcome === 'delivered'
  const reason = push.error === null ? '' : html` <span class="faint">${push.error}</span>`
  const faults =
    push.faults.length === 0
      ? ''
      : html` <span class="faint">faults: ${push.faults.join(', ')}</span>`
  return html`<tr><td>${new Date(push.at).toISOString().slice(11, 23)}</td>
    <td class="n">${push.subscription}</td><td>${push.object}</td>
    <td class="n">${count(push.recordIds.length)}</td><td class="n">${push.attempt}</td>
    <td><span class="${isGood ? 'good' : 'bad'}">${push.outcome}</span>${reason}${faults}</td>
    <td class="n">${count(push.ms)} ms</td>
    <td><details><summary>Sent and answered</summary><pre>${push.body}</pre><pre>${push.status} ${push.answer}</pre></details></td></tr>`
}
