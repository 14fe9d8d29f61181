import { createServer } from 'node:net'

/**
 * A TCP port of the loopback interface that nobody listens on.
 * Another process may take it before the caller does: start at once, and try again on a clash.
 */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      if (address === null || typeof address === 'string') {
        server.close()
        reject(new Error('The system gave no TCP port.'))
        return
      }
      server.close(() => resolve(address.port))
    })
  })
}
