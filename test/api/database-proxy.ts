import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { Transform } from 'node:stream'

export interface DatabaseProxy {
  /** The same database, through the proxy. */
  readonly databaseUrl: string
  /** Breaks every connection and takes no new ones: what a killed server looks like. */
  cut(): Promise<void>
}

/** A way to a database that a test can cut. */
export async function startDatabaseProxy(
  databaseUrl: string,
  /** Changes what goes to the database. */
  change: (chunk: Buffer) => Buffer = (chunk) => chunk,
): Promise<DatabaseProxy> {
  const target = new URL(databaseUrl)
  const sockets = new Set<Socket>()
  const server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname)
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket)
      socket.on('error', () => other.destroy())
      socket.on('close', () => {
        sockets.delete(socket)
        other.destroy()
      })
    }
    far.pipe(near)
    const changed = new Transform({
      transform(chunk: Buffer, _, done) {
        done(null, change(chunk))
      },
    })
    near.pipe(changed).pipe(far)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('Expected a port.')
  const through = new URL(databaseUrl)
  through.host = `127.0.0.1:${address.port}`
  return {
    databaseUrl: through.toString(),
    async cut() {
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}
