import { createServer } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { freePort } from './free-port.ts'
import { checkPortFree, findPortHolder } from './port-check.ts'

const claim = { what: 'the API', host: '127.0.0.1', variable: 'PORT' }

async function takePort(host: string): Promise<number> {
  const port = await freePort()
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(port, host, resolve))
  onTestFinished(() => new Promise((resolve) => server.close(() => resolve())))
  return port
}

test('a free port is no problem', async () => {
  const port = await freePort()
  await checkPortFree({ ...claim, port })
  expect(findPortHolder(port)).toBeUndefined()
})

test.each(['127.0.0.1', '0.0.0.0'])(
  'a port taken on %s is named with the way out',
  async (host) => {
    const port = await takePort(host)
    await expect(checkPortFree({ ...claim, port })).rejects.toMatchObject({
      message: expect.stringContaining(`Port ${port} for the API is taken`),
      wayOut: expect.stringContaining('PORT=<port> npm start'),
    })
  },
)

test.runIf(process.platform === 'linux')('the holder of a port is named', async () => {
  const port = await takePort('127.0.0.1')
  expect(findPortHolder(port)).toBe(process.pid)
  await expect(checkPortFree({ ...claim, port })).rejects.toThrow(`by process ${process.pid}`)
})

test('an address that is not of this machine is a problem too', async () => {
  const port = await freePort()
  await expect(checkPortFree({ ...claim, host: '192.0.2.1', port })).rejects.toThrow(
    'EADDRNOTAVAIL',
  )
})
