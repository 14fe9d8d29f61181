import { html, raw } from 'hono/html'
import type { OrgContext } from '../http/org-context.ts'

/** A piece of a page; all values in it are escaped. */
export type Html = ReturnType<typeof html>

const PAGES = [
  ['/', 'Org'],
  ['/page/jobs', 'Jobs'],
  ['/page/calls', 'Calls'],
  ['/page/faults', 'Faults'],
  ['/page/pushes', 'Pushes'],
  ['/page/sessions', 'Sessions'],
  ['/page/settings', 'Settings'],
] as const

const STYLE = `
:root { color-scheme: light dark; --line: #8884; --faint: #8882; --link: light-dark(#0b5cab, #7ab8ff); }
* { box-sizing: border-box; }
body { font: 14px/1.5 system-ui, sans-serif; margin: 0 auto; padding: 0 1.5rem 3rem; max-width: 84rem; }
nav { display: flex; flex-wrap: wrap; gap: .25rem; align-items: baseline; border-bottom: 1px solid var(--line);
  padding: .6rem 0; margin-bottom: 1.2rem; }
nav b { margin-right: 1rem; }
nav a { padding: .2rem .6rem; border-radius: .4rem; text-decoration: none; }
nav a[aria-current] { background: var(--faint); font-weight: 600; }
nav form, nav span { margin-left: auto; }
a { color: var(--link); }
h1 { font-size: 1.4rem; margin: 0 0 .6rem; }
h2 { font-size: 1.1rem; margin: 2rem 0 .4rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; }
td, th { padding: .25rem .9rem .25rem 0; text-align: left; vertical-align: top;
  border-bottom: 1px solid var(--line); }
td code, td pre, .text { overflow-wrap: anywhere; }
.text { white-space: pre-wrap; }
@media (max-width: 50rem) { td code { display: inline-block; min-width: 16rem; } }
th { font-weight: 600; white-space: nowrap; }
.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.faint { opacity: .7; }
.bad { color: light-dark(#b3261e, #ff8a80); }
.good { color: light-dark(#1b6e2c, #7ddc8f); }
code, pre, textarea { font: 12.5px/1.45 ui-monospace, monospace; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; margin: .3rem 0; background: var(--faint); padding: .5rem; }
form.fields { display: grid; grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr)); gap: .6rem 1rem;
  align-items: start; max-width: 70rem; }
form.fields label { display: grid; gap: .15rem; }
form.fields .full { grid-column: 1 / -1; }
input, select, textarea, button { font: inherit; padding: .25rem .5rem; }
input:not([type=checkbox]), select, textarea { width: 100%; }
textarea { min-height: 5rem; }
button { cursor: pointer; white-space: nowrap; }
form.fields button { justify-self: start; align-self: end; }
.list td { white-space: nowrap; max-width: 22rem; overflow: hidden; text-overflow: ellipsis; }
.wide { margin: .8rem 0; }
form.inline { display: inline; }
.error { border-left: 4px solid #b3261e; padding: .4rem .8rem; background: var(--faint); white-space: pre-wrap; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem; margin: 0; }
dt { opacity: .7; } dd { margin: 0; overflow-wrap: anywhere; }
`

export interface PageOptions {
  readonly title: string
  /** Path of the entry in the navigation that is shown as the current one. */
  readonly current: string
  readonly body: Html
  /** Offers to load the page again every few seconds; not for pages that a form is filled in on. */
  readonly refreshable?: boolean
  readonly status?: 200 | 400 | 404
}

const REFRESH_SECONDS = 3

/** A whole page. Nothing in it comes from anywhere else, and no script runs. */
export function answerPage(c: OrgContext, options: PageOptions): Response | Promise<Response> {
  const refreshes = options.refreshable === true && c.req.query('refresh') !== undefined
  c.header(
    'Content-Security-Policy',
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
  )
  c.header('Cache-Control', 'no-store')
  c.header('X-Content-Type-Options', 'nosniff')
  const links = PAGES.map(
    ([path, name]) =>
      html`<a href="${path}" ${path === options.current ? raw('aria-current="page"') : ''}>${name}</a>`,
  )
  const refresh =
    options.refreshable === true
      ? html`<span>${
          refreshes
            ? html`<a href="${options.current}">Stop refreshing</a>`
            : html`<a href="${options.current}?refresh">Refresh every ${REFRESH_SECONDS} s</a>`
        }</span>`
      : ''
  return c.html(
    html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
${refreshes ? html`<meta http-equiv="refresh" content="${REFRESH_SECONDS}">` : ''}
<title>${options.title} – Salesforce simulator</title>
<style>${raw(STYLE)}</style>
</head>
<body>
<nav><b>Salesforce simulator</b>${links}${refresh}</nav>
<h1>${options.title}</h1>
${options.body}
</body>
</html>`,
    options.status ?? 200,
  )
}

/** A table, or a word that there is nothing in it. */
export function table(
  head: readonly (readonly [name: string, isNumber?: 'n'])[],
  rows: readonly Html[],
): Html {
  if (rows.length === 0) return html`<p class="faint">None.</p>`
  const heads = head.map(([name, isNumber]) => html`<th class="${isNumber ?? ''}">${name}</th>`)
  return html`<div class="wide"><table><thead><tr>${heads}</tr></thead><tbody>${rows}</tbody></table></div>`
}

/** A button that posts to an address of this page. */
export function button(action: string, label: string): Html {
  return html`<form class="inline" method="post" action="${action}"><button>${label}</button></form>`
}

export function count(n: number): string {
  return n.toLocaleString('en-US')
}

/** A moment in UTC, to the second. */
export function moment(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace('T', ' ')
}
