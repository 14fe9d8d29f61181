import type { OrgContext } from '../http/org-context.ts'

/** The fields of a form that a page sent. Files and repeated fields are none of its business. */
export async function readForm(c: OrgContext): Promise<Readonly<Record<string, string>>> {
  const form: Record<string, string> = {}
  for (const [name, value] of Object.entries(await c.req.parseBody())) {
    if (typeof value === 'string') form[name] = value
  }
  return form
}
