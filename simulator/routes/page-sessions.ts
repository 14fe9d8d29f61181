import type { Hono } from 'hono'
import { html } from 'hono/html'
import type { Org, OrgEnv } from '../http/org-context.ts'
import { makeId } from '../ids.ts'
import { liveSession } from '../oauth/admit-session.ts'
import { answerPage, button, moment, table } from './page-layout.ts'

const SHOWN = 100
/** Enough of a token to tell it from others, and too little to use it. */
const TOKEN_BEGINNING = 22

/** Access tokens that the org gave out, and a way to end them all. */
export function addSessionPages(app: Hono<OrgEnv>, org: Org): void {
  app.get('/page/sessions', (c) => {
    const sessions = org.sessions.latest(SHOWN)
    const rows = sessions.map(({ token, userNumber, clientId, scopes, created }) => {
      const user = makeId('005', userNumber)
      const isLive = liveSession(org, token) !== null
      return html`<tr><td><code>${token.slice(0, TOKEN_BEGINNING)}…</code></td>
        <td><a href="/page/records/${user}">${user}</a></td>
        <td>${clientId}</td><td>${scopes.join(' ')}</td><td>${moment(created)}</td>
        <td>${isLive ? html`<span class="good">live</span>` : html`<span class="bad">expired</span>`}</td></tr>`
    })
    const { sessionSeconds } = org.settings()
    return answerPage(c, {
      title: 'Sessions',
      current: '/page/sessions',
      refreshable: true,
      body: html`<p>The latest ${SHOWN}. A session lives ${
        sessionSeconds === null ? 'without end' : `${sessionSeconds} seconds`
      }. ${sessions.length === 0 ? '' : button('/page/sessions/expire', 'End all')}</p>
        ${table([['Access token'], ['User'], ['App'], ['Scopes'], ['Made'], ['']], rows)}`,
    })
  })
  app.post('/page/sessions/expire', async (c) => {
    await org.write(() => org.sessions.closeMany({}))
    return c.redirect('/page/sessions', 303)
  })
}
