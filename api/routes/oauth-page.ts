import { html } from 'hono/html'
import type { Confirmation } from '../connections/confirm-authorization.ts'

/** Of the page that asks. */
export const CONFIRMATION_HEADERS: Readonly<Record<string, string>> = {
  // Forms may be sent to this server alone, and nothing is loaded or run.
  'Content-Security-Policy':
    "default-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  // The origin and nothing of the address, which holds the code. A page that tells not even that has its form come
  // from `null`, and without TLS browsers say by nothing else whose page it is.
  'Referrer-Policy': 'strict-origin',
}

/** Tells a person how an authorisation ended. Escaped by the template, whoever wrote the text. */
export function outcomePage(title: string, text: string) {
  return page(title, html`<p>${text}</p><p>You can close this window.</p>`)
}

/** Asks a person whom nobody knows to have begun an authorisation. */
export function confirmationPage(asked: Confirmation) {
  const { workspace, connectionName, startedBy, startedFrom, startedAt, token } = asked
  const from = startedFrom === null ? '' : ` from ${startedFrom}`
  return page(
    'Connect your Salesforce organization?',
    html`<p>Your Salesforce organization would be connected to the workspace <strong>${workspace}</strong>
as “${connectionName}”. Who may use that workspace can then read and change there what you can.</p>
<p>This was begun by ${startedBy}${from} at ${startedAt.toISOString()}. Connect only if that was you, or somebody you
trust asked you to.</p>
<form method="post" action="callback/confirm">
<input type="hidden" name="token" value="${token}">
<button type="submit">Connect</button>
</form>
<p>Otherwise close this window: nothing is connected then.</p>`,
  )
}

function page(title: string, content: ReturnType<typeof html>) {
  return html`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title></head>
<body><h1>${title}</h1>
${content}
</body>
</html>`
}
