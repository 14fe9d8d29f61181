import { networkInterfaces } from 'node:os'
import { expect, test } from 'vitest'
import { startSimulator } from './start-simulator.ts'
import { createTestClient } from './testing/test-client.ts'

const hasIpv6 = Object.values(networkInterfaces()).some((addresses) =>
  addresses?.some(({ address }) => address === '::1'),
)

test.runIf(hasIpv6)('an address with colons can be called at the url that it gives', async () => {
  const simulator = await startSimulator({ host: '::1' })
  try {
    expect(simulator.url).toBe(`http://[::1]:${simulator.port}`)
    expect(await (await createTestClient(simulator.url)).count('Account')).toBe(0)
  } finally {
    await simulator.close()
  }
})

test('a port that is taken is refused', async () => {
  const first = await startSimulator()
  try {
    await expect(startSimulator({ port: first.port })).rejects.toThrow('EADDRINUSE')
  } finally {
    await first.close()
  }
})
