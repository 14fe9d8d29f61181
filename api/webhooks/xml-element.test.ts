import { describe, expect, test } from 'vitest'
import { readOutboundMessage } from './outbound-message.ts'
import { readXml, XmlError } from './xml-element.ts'

const BOUNDS = { elements: 10, declarations: 4 }
const read = (text: string) => readXml(text, BOUNDS)

describe('names', () => {
  test('mean what the nearest element around them declares', () => {
    const root = read(
      '<a xmlns="urn:1" xmlns:p="urn:2"><p:b/><c xmlns:p="urn:3" p:x="1" y="2"><p:d/></c><p:e/></a>',
    )
    const [b, c, e] = root.children
    expect([root, b, c, c?.children[0], e].map((each) => each?.namespace)).toEqual([
      ...['urn:1', 'urn:2', 'urn:1', 'urn:3', 'urn:2'],
    ])
    expect(c?.attributes.slice(1)).toEqual([
      { namespace: 'urn:3', name: 'x', value: '1' },
      { namespace: '', name: 'y', value: '2' },
    ])
  })

  test('have no namespace where it is taken back, and none by a prefix that nobody declares', () => {
    const root = read('<a xmlns="urn:1"><b xmlns=""/><p:c/></a>')
    expect(root.children.map((each) => each.namespace)).toEqual(['', ''])
  })
})

describe('a document is bounded', () => {
  test('in its elements, before it is parsed', () => {
    expect(read(`<a>${'<b/>'.repeat(9)}</a>`).children).toHaveLength(9)
    // Not even well-formed: it is not looked at any further.
    expect(() => read('<b>'.repeat(11))).toThrow(new XmlError('It has more than 10 elements.'))
  })

  test('in its declarations, wherever they stand', () => {
    const declaring = (n: number) => `<a>${'<b xmlns:p="urn:1"/>'.repeat(n)}</a>`
    expect(read(declaring(4)).children).toHaveLength(4)
    expect(() => read(declaring(5))).toThrow(new XmlError('It declares more than 4 namespaces.'))
    const one = Array.from({ length: 5 }, (_, n) => `xmlns:p${n}="urn:1"`).join(' ')
    expect(() => read(`<a ${one}/>`)).toThrow(XmlError)
  })

  test('and what Salesforce sends at most is within the bounds', () => {
    const xml = message(100, '<sf:F/>'.repeat(100))
    expect(readOutboundMessage(xml).notifications).toHaveLength(100)
    const declarations = Array.from({ length: 1_000 }, (_, n) => `xmlns:p${n}="urn:x"`).join(' ')
    const hostile = xml.replace('<Body>', `<Body ${declarations}>`)
    expect(() => readOutboundMessage(hostile)).toThrow('It declares more than 264 namespaces.')
  })
})

/** An outbound message, each of whose records declares the namespace of its fields. */
function message(notifications: number, fields: string): string {
  const id = '001000000000001AAA'
  const one = `<Notification><Id>${id}</Id><sObject xsi:type="sf:Account" xmlns:sf="urn:sobject"><sf:Id>${id}</sf:Id>${fields}</sObject></Notification>`
  return `<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><Body>
    <notifications xmlns="http://soap.sforce.com/2005/09/outbound"><OrganizationId>00D000000000001AAA</OrganizationId>${one.repeat(notifications)}</notifications>
  </Body></Envelope>`
}
