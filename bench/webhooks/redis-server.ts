import { createConnection } from 'node:net'
import { join } from 'node:path'
import { type Child, startChild, waitUntilReady } from '../../dev/stack/child-process.ts'
import { freePort } from '../../dev/stack/free-port.ts'

const READY_SECONDS = 20

/** A server that has each write on the disk before it answers, as Postgres has each commit. */
export async function startRedis(
  binary: string,
  directory: string,
): Promise<{ readonly port: number; readonly pid: number; stop(): Promise<void> }> {
  const port = await freePort()
  const child: Child = await startChild({
    name: 'Redis',
    command: binary,
    args: [
      ...['--port', String(port), '--bind', '127.0.0.1', '--dir', directory],
      ...['--appendonly', 'yes', '--appendfsync', 'always', '--save', ''],
      // BullMQ demands it: nothing may be evicted.
      ...['--maxmemory-policy', 'noeviction'],
    ],
    logFile: join(directory, 'redis.log'),
  })
  await waitUntilReady(child, () => listens(port), READY_SECONDS, '')
  return { port, pid: child.pid, stop: () => child.stop() }
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: '127.0.0.1' })
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
