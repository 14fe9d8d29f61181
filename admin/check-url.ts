import { createSafeFetch } from '../outbound/safe-fetch.ts'
import { PRIVATE_TOO, PUBLIC_ONLY } from '../security/address-rules.ts'
import { CommandError } from './command-error.ts'

const CONNECT_MS = 5_000
const TOTAL_MS = 15_000
const MAX_RESPONSE_BYTES = 1_000_000

/**
 * `check-url <url>`: whether the URL would be taken as a callback, and what answers a GET there. False where a
 * delivery would not arrive. @throws {CommandError}
 */
export async function runCheckUrlCommand(
  args: readonly string[],
  context: { readonly allowPrivateAddresses: boolean; print(line: string): void },
): Promise<boolean> {
  const [url, ...rest] = args
  if (url === undefined || rest.length > 0) throw new CommandError('check-url takes one URL.')
  const fetcher = createSafeFetch({
    rules: context.allowPrivateAddresses ? PRIVATE_TOO : PUBLIC_ONLY,
    connectMs: CONNECT_MS,
    totalMs: TOTAL_MS,
    maxResponseBytes: MAX_RESPONSE_BYTES,
    connectionsPerHost: 1,
  })
  const result = await fetcher.send({ method: 'GET', url, headers: {}, body: null })
  await fetcher.close()
  if (result.kind === 'failure') {
    context.print(`${result.failure}  ${result.message}`)
    return false
  }
  context.print(`answered  ${result.status} in ${result.durationMs} ms`)
  return true
}
