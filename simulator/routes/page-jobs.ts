import type { Hono } from 'hono'
import { html } from 'hono/html'
import { notFound } from '../http/api-error.ts'
import type { Org, OrgEnv } from '../http/org-context.ts'
import type { Job } from '../store/job-store.ts'
import { abort } from './ingest-jobs.ts'
import { answerPage, button, count, type Html, moment, table } from './page-layout.ts'

const SHOWN = 100

/** Bulk jobs with their progress, and a way to abort them. */
export function addJobPages(app: Hono<OrgEnv>, org: Org): void {
  app.get('/page/jobs', (c) =>
    answerPage(c, {
      title: 'Bulk jobs',
      current: '/page/jobs',
      refreshable: true,
      body: html`<p>The latest ${SHOWN}.</p>${jobTable(org.jobs.recent(SHOWN))}`,
    }),
  )
  app.post('/page/jobs/:id/abort', async (c) => {
    await org.write(() => {
      const job = org.jobs.get(c.req.param('id'))
      if (job === null) throw notFound()
      // It may have ended since the page was shown.
      if (!isOver(job)) abort(org, job)
    })
    return c.redirect('/page/jobs', 303)
  })
}

export function isOver(job: Job): boolean {
  return job.state === 'JobComplete' || job.state === 'Failed' || job.state === 'Aborted'
}

export function jobTable(jobs: readonly Job[]): Html {
  const head = [
    ['Id'],
    ['Made'],
    ['Operation'],
    ['Object'],
    ['State'],
    ['Processed', 'n'],
    ['Failed', 'n'],
    ['Took', 'n'],
    [''],
  ] as const
  return table(head, jobs.map(jobRow))
}

function jobRow(job: Job): Html {
  const began = job.started ?? job.created
  const took = job.started === null ? '' : `${count((job.finished ?? Date.now()) - began)} ms`
  const progress =
    job.state === 'InProgress' ? html` <progress aria-label="in progress"></progress>` : ''
  const effects = job.effects.map((effect) => effect.type).join(', ')
  const error =
    job.errorMessage === null ? '' : html`<br><span class="bad">${job.errorMessage}</span>`
  return html`<tr>
    <td><code>${job.id}</code></td><td>${moment(job.created)}</td><td>${job.operation}</td>
    <td>${job.object}</td>
    <td>${job.state}${progress}${effects === '' ? '' : html` <span class="faint">faults: ${effects}</span>`}${error}</td>
    <td class="n">${count(job.processed)}</td><td class="n">${count(job.failed)}</td>
    <td class="n">${took}</td>
    <td>${isOver(job) ? '' : button(`/page/jobs/${job.id}/abort`, 'Abort')}</td>
  </tr>`
}
