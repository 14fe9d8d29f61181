import { STATUS_CODES } from 'node:http'
import type { CallAction } from '../faults/call-action.ts'

type StatusFault = Extract<CallAction, { type: 'status' }>

/** The answer of a `status` fault; OAuth's endpoints word errors in a way of their own. */
export function statusAnswer(fault: StatusFault, path: string): Response {
  const { status } = fault
  const json = JSON.stringify(
    path.startsWith('/services/oauth2/')
      ? { error: fault.errorCode, error_description: fault.message }
      : [{ message: fault.message, errorCode: fault.errorCode }],
  )
  // Fetch allows no body with these.
  const isBodiless = status === 204 || status === 205 || status === 304
  if (isBodiless || fault.form === 'empty') return new Response(null, { status })
  switch (fault.form) {
    case 'json':
      return answer(json, status, 'application/json')
    case 'malformed':
      return answer(json.slice(0, Math.ceil(json.length / 2)), status, 'application/json')
    case 'html':
      return answer(proxyPage(status), status, 'text/html; charset=UTF-8')
  }
}

function answer(body: string, status: number, type: string): Response {
  return new Response(body, {
    status,
    headers: { 'Content-Type': type, 'Cache-Control': 'no-store' },
  })
}

/** What stands between a client and the org speaks no JSON. */
function proxyPage(status: number): string {
  const title = `${status} ${STATUS_CODES[status] ?? ''}`.trim()
  return `<html>
<head><title>${title}</title></head>
<body>
<center><h1>${title}</h1></center>
<hr><center>proxy</center>
</body>
</html>
`
}
