import type { MiddlewareHandler } from 'hono'
import type { ApiEnv, ApiSettings } from '../dependencies.ts'
import { createTextBudget } from '../http/text-budget.ts'

/** Gives each request its share of the memory for whole bodies, and takes it back once the answer is made. */
export function shareOfText(settings: ApiSettings): MiddlewareHandler<ApiEnv> {
  const budget = createTextBudget(settings.textBudget)
  return async (c, next) => {
    const share = budget.open()
    c.set('textShare', share)
    try {
      await next()
    } finally {
      share.release()
    }
  }
}
