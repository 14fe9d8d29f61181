import type { OrgContext } from '../http/org-context.ts'

/** The parameters of a form, and those of the query beside it: Salesforce reads both. */
export async function readForm(c: OrgContext): Promise<URLSearchParams> {
  const type = c.req.header('content-type') ?? 'application/x-www-form-urlencoded'
  const isForm = c.req.method === 'POST' && /^application\/x-www-form-urlencoded/i.test(type)
  const form = new URLSearchParams(isForm ? await c.req.text() : '')
  for (const [name, value] of new URL(c.req.url).searchParams) {
    if (!form.has(name)) form.append(name, value)
  }
  return form
}
