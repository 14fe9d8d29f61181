import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { OrgContext } from '../http/org-context.ts'
import { xmlDocument } from './xml-document.ts'

/** A value of an answer; objects nest in JSON and XML. */
export type AnswerValue =
  | string
  | number
  | boolean
  | null
  | { readonly [name: string]: AnswerValue }
export type AnswerBody = { readonly [name: string]: AnswerValue }

/** Answers in the form that the `format` parameter or the Accept header asks for: JSON, XML or a form. */
export function answerInFormat(
  c: OrgContext,
  form: URLSearchParams,
  body: AnswerBody,
  xmlRoot: string,
  status: ContentfulStatusCode = 200,
): Response {
  switch (formatOf(form.get('format'), c.req.header('accept') ?? '')) {
    case 'json':
      return c.json(body, status)
    case 'xml':
      return c.body(xmlDocument(xmlRoot, body), status, {
        'Content-Type': 'application/xml;charset=UTF-8',
      })
    case 'urlencoded': {
      const text = new URLSearchParams()
      for (const [name, value] of Object.entries(body)) {
        if (typeof value !== 'object') text.set(name, String(value))
      }
      return c.body(text.toString(), status, {
        'Content-Type': 'application/x-www-form-urlencoded;charset=UTF-8',
      })
    }
  }
}

type AnswerFormat = 'json' | 'xml' | 'urlencoded'

/** The parameter goes before the header, whose list is read from left to right. */
function formatOf(parameter: string | null, accept: string): AnswerFormat {
  if (parameter === 'json' || parameter === 'xml' || parameter === 'urlencoded') return parameter
  for (const item of accept.split(',')) {
    switch (item.split(';')[0]?.trim().toLowerCase()) {
      case 'application/json':
      case '*/*':
        return 'json'
      case 'application/xml':
        return 'xml'
      case 'application/x-www-form-urlencoded':
        return 'urlencoded'
      default:
    }
  }
  return 'json'
}
