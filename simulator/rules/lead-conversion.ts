import { z } from 'zod'
import { canonicalId } from '../ids.ts'

const id = z.string().transform((text, context) => {
  const known = canonicalId(text)
  if (known !== null) return known
  context.addIssue({ code: 'custom', message: `not an id: ${text}` })
  return z.NEVER
})

/** What a caller may say about the conversion of a lead. */
export const leadConversionSchema = z.strictObject({
  accountId: id.optional(),
  contactId: id.optional(),
  opportunityName: z.string().min(1).max(120).optional(),
  doNotCreateOpportunity: z.boolean().optional(),
  convertedStatus: z.string().optional(),
  ownerId: id.optional(),
  overwriteLeadSource: z.boolean().optional(),
  /** The user who converts. */
  userId: id.optional(),
})
