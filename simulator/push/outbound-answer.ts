import { OUTBOUND_NAMESPACE } from './outbound-envelope.ts'
import { parseXml, type XmlElement, XmlError } from './xml-document.ts'

const SOAP = 'http://schemas.xmlsoap.org/soap/envelope/'

/** Why an answer is no acknowledgement; `null` for one that is. */
export function refusalOf(status: number, body: string): string | null {
  if (status !== 200) return `status ${status}`
  let envelope: XmlElement
  try {
    envelope = parseXml(body)
  } catch (error) {
    if (error instanceof XmlError) return `the answer is no XML: ${error.message}`
    throw error
  }
  if (envelope.namespace !== SOAP || envelope.name !== 'Envelope') {
    return 'the answer is no SOAP 1.1 envelope'
  }
  const content = child(envelope, SOAP, 'Body')?.children[0]
  if (content === undefined) return 'the answer has no body'
  if (content.namespace === SOAP && content.name === 'Fault') {
    const reason = content.children.find(({ name }) => name === 'faultstring')?.text.trim()
    return `SOAP fault: ${reason ?? ''}`
  }
  if (content.namespace !== OUTBOUND_NAMESPACE || content.name !== 'notificationsResponse') {
    return `the answer is ${content.name} and not notificationsResponse of ${OUTBOUND_NAMESPACE}`
  }
  const ack = child(content, OUTBOUND_NAMESPACE, 'Ack')?.text.trim()
  // The two ways that XML Schema writes it.
  return ack === 'true' || ack === '1' ? null : `Ack is ${ack ?? 'missing'}`
}

function child(parent: XmlElement, namespace: string, name: string): XmlElement | undefined {
  return parent.children.find((element) => element.namespace === namespace && element.name === name)
}
