import type { Hono } from 'hono'
import { html } from 'hono/html'
import type { Org, OrgEnv } from '../http/org-context.ts'
import { ORG_ID, USERNAME } from '../org.ts'
import { addCallPages, callTable } from './page-calls.ts'
import { addFaultPages, faultTable } from './page-faults.ts'
import { addJobPages, isOver, jobTable } from './page-jobs.ts'
import { answerPage, count, table } from './page-layout.ts'
import { addObjectPages } from './page-objects.ts'
import { addPushPages } from './page-pushes.ts'
import { addSessionPages } from './page-sessions.ts'
import { addSettingsPages } from './page-settings.ts'

const JOBS_SHOWN = 5
const CALLS_SHOWN = 15

/** Plain pages that show the org and let its faults, pushes and settings be changed. */
export function addPageRoutes(app: Hono<OrgEnv>, org: Org): void {
  app.get('/', (c) => {
    const { apiUsed, apiMax } = org.settings()
    const objects = org.schema.objects.map(
      (object) => html`<tr><td><a href="/page/objects/${object.name}">${object.label}</a></td>
        <td><code>${object.name}</code></td><td class="n">${count(org.store.count(object))}</td></tr>`,
    )
    const recent = org.jobs.recent(JOBS_SHOWN)
    const running = org.jobs.recent(100).filter((job) => !isOver(job)).length
    const faults = org.faults.list()
    const subscriptions = org.pushes.list().length
    return answerPage(c, {
      title: 'Org',
      current: '/',
      refreshable: true,
      body: html`<dl>
        <dt>Address</dt><dd><code>${org.baseUrl()}</code></dd>
        <dt>Organization</dt><dd><code>${ORG_ID}</code></dd>
        <dt>Administrator</dt><dd>${USERNAME}</dd>
        <dt>API calls</dt><dd>${count(apiUsed)} of ${count(apiMax)}</dd>
        <dt>Jobs</dt><dd>${running} not over</dd>
        <dt>Pushes</dt><dd>${subscriptions} subscriptions, ${count(org.pushes.waiting())} waiting</dd>
        </dl>
        <h2>Objects</h2>${table([['Object'], ['Name'], ['Records', 'n']], objects)}
        <h2><a href="/page/jobs">Bulk jobs</a></h2>${jobTable(recent)}
        <h2><a href="/page/faults">Faults</a></h2>${faultTable(faults)}
        <h2><a href="/page/calls">Recent calls</a></h2>
        ${callTable(org.calls.find({}, CALLS_SHOWN).toReversed())}`,
    })
  })
  addObjectPages(app, org)
  addJobPages(app, org)
  addCallPages(app, org)
  addFaultPages(app, org)
  addPushPages(app, org)
  addSessionPages(app, org)
  addSettingsPages(app, org)
}
