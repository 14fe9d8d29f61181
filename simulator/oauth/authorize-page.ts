import { html } from 'hono/html'
import { ADMIN } from '../org.ts'
import type { AuthorizeError, AuthorizeRequest } from './authorize-request.ts'
import { describeScope } from './scopes.ts'
import type { OrgUser } from './user-directory.ts'

type Html = ReturnType<typeof html>

/** Asks a user whether an app may act for them. `action` is where the decision goes. */
export function approvalPage(
  request: AuthorizeRequest,
  users: readonly OrgUser[],
  action: string,
): Html {
  const hint = request.loginHint?.toLowerCase()
  const hinted = users.find((user) => user.username.toLowerCase() === hint)
  const chosen = hinted ?? users.find((user) => user.n === ADMIN)
  const scopes = request.scopes.map(
    (scope) => html`<li>${describeScope(scope)} <code>${scope}</code></li>`,
  )
  const options = users.map((user) => {
    return html`<option value="${user.username}" ${user === chosen ? 'selected' : ''}>${user.name} (${user.username})</option>`
  })
  return page(
    'Allow Access?',
    html`<h1>Allow Access?</h1>
<p><strong>${request.app.name}</strong> is asking to:</p>
<ul>${scopes}</ul>
<form method="post" action="${action}">
<label for="username">Do you want to allow access as</label>
<select id="username" name="username">${options}</select>
<p class="buttons">
<button id="oadeny" name="decision" value="deny">Deny</button>
<button id="oaapprove" class="allow" name="decision" value="allow">Allow</button>
</p>
</form>
<p class="note">You go on to ${new URL(request.redirectUri).host || request.redirectUri}.</p>`,
  )
}

/** Shows an error that must not be sent to the app. */
export function errorPage({ error, description }: AuthorizeError): Html {
  return page(
    'OAuth Error',
    html`<h1>OAuth Error</h1>
<p>We can't authorize you because of an OAuth error.</p>
<p><code>error=${error}&amp;error_description=${encodeURIComponent(description)}</code></p>`,
  )
}

function page(title: string, content: Html): Html {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title>
<style>
body { margin: 0; background: #f4f6f9; color: #16325c; font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 26rem; margin: 10vh auto; padding: 1rem 2rem 1.5rem; background: #fff;
  border: 1px solid #d8dde6; border-radius: .5rem; overflow-wrap: break-word; }
h1 { font-size: 1.4rem; font-weight: 400; }
ul { padding-left: 1.2rem; }
code { color: #54698d; font-size: .85em; }
select { width: 100%; margin-top: .3rem; padding: .5rem; font: inherit; }
button { padding: .5rem 1.5rem; font: inherit; color: #0070d2; background: #fff;
  border: 1px solid #d8dde6; border-radius: .25rem; cursor: pointer; }
.allow { color: #fff; background: #0070d2; border-color: #0070d2; }
.buttons { display: flex; gap: .5rem; justify-content: flex-end; }
.note { color: #54698d; font-size: .85rem; }
</style>
</head>
<body><main>${content}</main></body>
</html>`
}
