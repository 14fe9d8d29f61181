import { Client, Connection, type ConnectionOptions, ScheduleClient } from '@temporalio/client'
import type { DataConverter } from '@temporalio/common'

export interface TemporalAddress {
  /** host:port */
  readonly address: string
  readonly namespace: string
  readonly apiKey: string | null
  readonly tls: boolean
}

export interface TemporalConnection {
  readonly client: Client
  /**
   * Schedules, whose few payloads stay in clear: they hold nothing of anybody, and the installation's mark must be
   * read by installations that have other keys.
   */
  readonly schedules: ScheduleClient
  readonly address: string
  readonly namespace: string
  close(): Promise<void>
}

/**
 * A client that connects at its first call: the API starts, and accepts jobs, while Temporal is down.
 */
export function connectTemporal(
  to: TemporalAddress,
  dataConverter?: DataConverter,
): TemporalConnection {
  const options: ConnectionOptions = {
    address: to.address,
    ...(to.apiKey === null ? {} : { apiKey: to.apiKey }),
    ...(to.tls ? { tls: true } : {}),
  }
  const connection = Connection.lazy(options)
  return {
    client: new Client({
      connection,
      namespace: to.namespace,
      ...(dataConverter === undefined ? {} : { dataConverter }),
    }),
    schedules: new ScheduleClient({ connection, namespace: to.namespace }),
    address: to.address,
    namespace: to.namespace,
    close: () => connection.close(),
  }
}
