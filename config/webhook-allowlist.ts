import { ConfigError } from './config-error.ts'
import { environmentSchema } from './environment-schema.ts'

const NAME = 'CONVEYOR_WEBHOOK_ALLOWLIST'

/**
 * The networks that webhooks are taken from, in CIDR notation; empty where all are. IPv4 is never written as IPv6.
 * @throws ConfigError where the variable holds anything else: a list that cannot be read must not count as none.
 */
export function readWebhookAllowlist(
  environment: Readonly<Record<string, string | undefined>>,
): readonly string[] {
  const value = environment[NAME]?.trim()
  const read = environmentSchema.shape[NAME].safeParse(value === '' ? undefined : value)
  if (read.success) return read.data
  throw new ConfigError(read.error.issues.map(({ message }) => ({ name: NAME, reason: message })))
}
