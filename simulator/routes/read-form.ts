import type { OrgContext } from '../http/org-context.ts'

/**
 * The fields of a form that a page sent; of repeated ones the last. The pages send no files, so that
 * anything in another encoding than a form's own is read as a form that lacks its fields.
 */
export async function readForm(c: OrgContext): Promise<Readonly<Record<string, string>>> {
  return Object.fromEntries(new URLSearchParams(await c.req.text()))
}
