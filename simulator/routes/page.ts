import type { Hono } from 'hono'
import { html } from 'hono/html'
import type { Org, OrgEnv } from '../http/org-context.ts'
import type { Job } from '../store/job-store.ts'

const SHOWN = 50

/** A plain page that shows the org: objects, jobs, faults, recent calls. */
export function addPageRoute(app: Hono<OrgEnv>, org: Org): void {
  app.get('/', (c) => {
    const { apiUsed, apiMax } = org.settings()
    const objects = org.schema.objects.map(
      (object) =>
        html`<tr><td>${object.name}</td><td class="n">${org.store.count(object)}</td></tr>`,
    )
    const jobs = org.jobs.recent(SHOWN).map(jobRow)
    const faults = org.faults.list().map(
      (fault) => html`<tr>
        <td>${fault.action.type}</td><td>${JSON.stringify(fault.match)}</td>
        <td class="n">${String(fault.left)}</td><td class="n">${fault.struck}</td>
      </tr>`,
    )
    const calls = org.calls
      .find({}, SHOWN)
      .toReversed()
      .map(
        (call) => html`<tr>
        <td>${new Date(call.at).toISOString().slice(11, 23)}</td><td>${call.name}</td>
        <td>${call.method} ${call.path}${call.query}</td>
        <td class="n">${call.status === 0 ? 'cut' : call.status}</td>
        <td class="n">${call.ms} ms</td><td>${call.faults.join(', ')}</td>
      </tr>`,
      )
    return c.html(html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"><meta http-equiv="refresh" content="3"><title>Salesforce simulator</title>
<style>
body { font: 14px/1.5 system-ui, sans-serif; margin: 2rem; max-width: 70rem; }
table { border-collapse: collapse; margin-bottom: 2rem; }
td, th { padding: .2rem .8rem .2rem 0; text-align: left; border-bottom: 1px solid #ddd; }
.n { text-align: right; font-variant-numeric: tabular-nums; }
</style>
</head>
<body>
<h1>Salesforce simulator</h1>
<p>API calls: ${apiUsed} of ${apiMax}</p>
<h2>Objects</h2>
<table><tr><th>Object</th><th>Records</th></tr>${objects}</table>
<h2>Bulk jobs</h2>
<table><tr><th>Id</th><th>Operation</th><th>Object</th><th>State</th><th>Processed</th>
<th>Failed</th><th></th><th></th></tr>${jobs}</table>
<h2>Faults</h2>
<table><tr><th>Action</th><th>Match</th><th>Left</th><th>Struck</th></tr>${faults}</table>
<h2>Recent calls</h2>
<table><tr><th>At</th><th>Name</th><th>Call</th><th>Status</th><th>Time</th><th>Faults</th></tr>
${calls}</table>
</body>
</html>`)
  })
}

function jobRow(job: Job) {
  const over = job.state === 'JobComplete' || job.state === 'Failed' || job.state === 'Aborted'
  const button = over
    ? ''
    : html`<form method="post" action="/__simulator/jobs/${job.id}/abort"><button>Abort</button></form>`
  return html`<tr>
    <td>${job.id}</td><td>${job.operation}</td><td>${job.object}</td><td>${job.state}</td>
    <td class="n">${job.processed}</td><td class="n">${job.failed}</td>
    <td>${job.errorMessage ?? ''}</td><td>${button}</td>
  </tr>`
}
