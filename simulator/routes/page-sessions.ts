import type { Hono } from 'hono'
import { html } from 'hono/html'
import type { Org, OrgEnv } from '../http/org-context.ts'
import { makeId } from '../ids.ts'
import { answerPage, button, moment, table } from './page-layout.ts'

const SHOWN = 100
/** Enough of a token to tell it from others, and too little to use it. */
const TOKEN_BEGINNING = 22

/** Access tokens that the org gave out, and a way to end them all. */
export function addSessionPages(app: Hono<OrgEnv>, org: Org): void {
  app.get('/page/sessions', (c) => {
    const sessions = org.database
      .prepare('SELECT token, created, user FROM session ORDER BY created DESC LIMIT ?')
      .all(SHOWN)
    const rows = sessions.map((session) => {
      const token = String(session['token'])
      const user = makeId('005', Number(session['user']))
      const isLive = org.sessions.userOf(token, org.settings().sessionSeconds) !== null
      return html`<tr><td><code>${token.slice(0, TOKEN_BEGINNING)}…</code></td>
        <td><a href="/page/records/${user}">${user}</a></td>
        <td>${moment(Number(session['created']))}</td>
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
        ${table([['Access token'], ['User'], ['Made'], ['']], rows)}`,
    })
  })
  app.post('/page/sessions/expire', async (c) => {
    await org.write(() => org.sessions.closeAll())
    return c.redirect('/page/sessions', 303)
  })
}
