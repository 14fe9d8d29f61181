import { z } from 'zod'

/** What a timer can wait, some 24 days: with more than that it would ring at once. */
const LONGEST_WAIT = 2_147_483_647

/** A time to wait that callers choose. */
export const milliseconds = z.int().min(0).max(LONGEST_WAIT)
