import { z } from '@hono/zod-openapi'

/** Text that ends up in the database and in logs: no control characters, nothing that UTF-8 cannot hold. */
export function plainText(longest: number) {
  return z
    .string()
    .trim()
    .min(1)
    .max(longest)
    .refine((text) => !/\p{Cc}/u.test(text) && text.isWellFormed(), 'holds a control character')
}
