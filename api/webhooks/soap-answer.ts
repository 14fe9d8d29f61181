import type { ApiContext } from '../dependencies.ts'
import { type ApiError, errorKind } from '../errors.ts'
import { OUTBOUND_NAMESPACE, SOAP_NAMESPACE } from './outbound-message.ts'

/** The only answer that Salesforce takes for one: all else it sends again, for a day. */
export function acknowledged(c: ApiContext): Response {
  return soap(c, 200, {
    body: `<notificationsResponse xmlns="${OUTBOUND_NAMESPACE}"><Ack>true</Ack></notificationsResponse>`,
  })
}

/** A refusal in Salesforce's own language; it is shown in Setup under Outbound Messages. */
export function soapFault(c: ApiContext, error: ApiError): Response {
  const { status } = errorKind(error.code)
  const isOurs = status >= 500
  // SOAP 1.1 knows no other status for a fault; these say more than it does.
  const kept = status === 404 || status === 413 || status === 429 ? status : 500
  const text = `${error.message} (${error.code}, ${c.var.requestId})`
  return soap(c, kept, {
    body: `<soapenv:Fault><faultcode>soapenv:${isOurs ? 'Server' : 'Client'}</faultcode><faultstring>${escapeXml(text)}</faultstring></soapenv:Fault>`,
    headers: error.headers,
  })
}

function soap(
  c: ApiContext,
  status: 200 | 404 | 413 | 429 | 500,
  answer: { readonly body: string; readonly headers?: Readonly<Record<string, string>> },
): Response {
  const envelope = `<?xml version="1.0" encoding="UTF-8"?>\n<soapenv:Envelope xmlns:soapenv="${SOAP_NAMESPACE}"><soapenv:Body>${answer.body}</soapenv:Body></soapenv:Envelope>`
  return c.body(envelope, status, { ...answer.headers, 'content-type': 'text/xml; charset=utf-8' })
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
