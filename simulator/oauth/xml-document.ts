import { escapeXml } from '../push/soap-value.ts'
import type { AnswerBody, AnswerValue } from './answer-format.ts'

/** An answer as XML; what is null says so by an attribute, as in all Salesforce XML. */
export function xmlDocument(root: string, body: AnswerBody): string {
  const namespace = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
  return `<?xml version="1.0" encoding="UTF-8"?><${root} ${namespace}>${elements(body)}</${root}>`
}

function elements(body: AnswerBody): string {
  return Object.entries(body)
    .map(([name, value]) => element(name, value))
    .join('')
}

function element(name: string, value: AnswerValue): string {
  if (value === null) return `<${name} xsi:nil="true"/>`
  const content = typeof value === 'object' ? elements(value) : escapeXml(String(value))
  return `<${name}>${content}</${name}>`
}
