/** Prolongs a lease again and again until it is stopped. Errors are told and do not end it. */
export function keepLease(
  prolong: () => Promise<boolean>,
  options: { readonly everyMs: number; readonly onError: (error: unknown) => void },
): { stop(): Promise<void> } {
  let under: Promise<void> | null = null
  const timer = setInterval(() => {
    under ??= prolong()
      .then(() => undefined, options.onError)
      .finally(() => {
        under = null
      })
  }, options.everyMs)
  timer.unref()
  return {
    async stop() {
      clearInterval(timer)
      await under
    },
  }
}
