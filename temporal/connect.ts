import { Client, Connection, type ConnectionOptions } from '@temporalio/client'

export interface TemporalAddress {
  /** host:port */
  readonly address: string
  readonly namespace: string
  readonly apiKey: string | null
  readonly tls: boolean
}

export interface TemporalConnection {
  readonly client: Client
  readonly address: string
  readonly namespace: string
  close(): Promise<void>
}

/**
 * A client that connects at its first call: the API starts, and accepts jobs, while Temporal is down.
 */
export function connectTemporal(to: TemporalAddress): TemporalConnection {
  const options: ConnectionOptions = {
    address: to.address,
    ...(to.apiKey === null ? {} : { apiKey: to.apiKey }),
    ...(to.tls ? { tls: true } : {}),
  }
  const connection = Connection.lazy(options)
  return {
    client: new Client({ connection, namespace: to.namespace }),
    address: to.address,
    namespace: to.namespace,
    close: () => connection.close(),
  }
}
