import { execFile } from 'node:child_process'
import { createServer } from 'node:http'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { childEnvironment } from '../setup/child-environment.ts'

const MAIN = fileURLToPath(new URL('../../admin/main.ts', import.meta.url))

function checkUrl(url: string, more: Readonly<Record<string, string>> = {}) {
  // Loading settings needs an address, and this command connects to none.
  const DATABASE_URL = 'postgresql://nobody@127.0.0.1:1/nothing'
  const env = { ...childEnvironment(), DATABASE_URL, ...more }
  return new Promise<{ code: unknown; stdout: string; stderr: string }>((resolve) => {
    execFile(process.execPath, [MAIN, 'check-url', url], { env }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : error.code, stdout, stderr })
    })
  })
}

test('an operator sees whether a callback URL would be taken, and what answers', async () => {
  const server = createServer((_, response) => response.writeHead(405).end())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('Expected a port.')
  const url = `http://127.0.0.1:${address.port}/hook`
  const development = { NODE_ENV: 'development', CONVEYOR_ALLOW_PRIVATE_ADDRESSES: 'true' }
  const [taken, refused, literal] = await Promise.all([
    checkUrl(url, development),
    checkUrl(url, { NODE_ENV: 'development' }),
    checkUrl('https://169.254.169.254/latest/meta-data/', development),
  ])
  expect(taken).toMatchObject({ code: 0, stdout: expect.stringMatching(/^answered {2}405 in/) })
  expect(refused).toMatchObject({ code: 1, stdout: expect.stringMatching(/^refused_url/) })
  expect(literal).toMatchObject({ code: 1, stdout: expect.stringMatching(/^refused_address/) })
  server.close()
})

test('the switch is refused in production', async () => {
  const ended = await checkUrl('https://example.com/', { CONVEYOR_ALLOW_PRIVATE_ADDRESSES: 'true' })
  expect(ended).toMatchObject({ code: 78, stderr: expect.stringContaining('NODE_ENV') })
})
