import { isIPv6 } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSafeFetch, type SafeFetch } from '../../outbound/safe-fetch.ts'
import { PRIVATE_TOO, PUBLIC_ONLY } from '../../security/address-rules.ts'
import { BAD_ADDRESSES, GOOD_ADDRESSES } from './bad-addresses.ts'
import { type Listening, startForbidden } from './test-receiver.ts'

const LIMITS = { connectMs: 2_000, totalMs: 4_000, maxResponseBytes: 1_000, connectionsPerHost: 2 }
/** Strict about addresses and names, so that only those stand between a URL and the listener. */
const ANY_PORT = { ...PUBLIC_ONLY, allowsAnyPort: true, allowsHttp: true }

/** What the names of this file lead to at this moment. */
const answers = new Map<string, readonly string[]>()
const resolve = async (hostname: string) => {
  const found = answers.get(hostname)
  if (found === undefined) throw new Error('not found')
  return found.map((address) => ({ address, family: isIPv6(address.split('%')[0] ?? '') ? 6 : 4 }))
}

let forbidden: Listening
let fetcher: SafeFetch
beforeAll(async () => {
  forbidden = await startForbidden()
  fetcher = createSafeFetch({ ...LIMITS, rules: ANY_PORT, resolve })
})
afterAll(async () => {
  expect(forbidden.connections()).toBe(0)
  await fetcher.close()
  await forbidden.close()
})

async function outcomeOf(url: string, by = fetcher) {
  const result = await by.send({ method: 'POST', url, headers: {}, body: 'x' })
  if (result.kind === 'answer') throw new Error(`${url} was answered.`)
  return result
}

async function expectRefused(url: string, failure: string): Promise<void> {
  expect(await outcomeOf(url)).toMatchObject({ failure, mayHaveArrived: false })
  expect(forbidden.connections()).toBe(0)
}

describe('a name that leads to', () => {
  test.each(BAD_ADDRESSES)('%s (%s)', async (address) => {
    answers.set('hook.example', [address])
    await expectRefused(`http://hook.example:${forbidden.port}/`, 'refused_address')
    await expectRefused(`https://hook.example:${forbidden.port}/`, 'refused_address')
  })
})

describe('an address in the URL', () => {
  test.each(BAD_ADDRESSES.filter(([address]) => !address.includes('%')))(
    '%s (%s)',
    async (address) => {
      const host = isIPv6(address) ? `[${address}]` : address
      await expectRefused(`http://${host}:${forbidden.port}/`, 'refused_address')
      await expectRefused(`https://${host}:${forbidden.port}/`, 'refused_address')
    },
  )
})

describe('another way to write it', () => {
  test.each([
    ['2130706433', 'decimal'],
    ['0x7f000001', 'hex'],
    ['017700000001', 'octal'],
    ['0177.0.0.1', 'octal part'],
    ['0x7f.0.0.1', 'hex part'],
    ['0x7F.0X0.0.1', 'hex parts in capitals'],
    ['127.1', 'short'],
    ['127.0.1', 'short'],
    ['127.0.0.1.', 'with a dot at its end'],
    ['00000177.0.0.01', 'zeros before'],
    ['１２７.０.０.１', 'full-width digits'],
    ['①②⑦.⓪.⓪.①', 'digits in circles'],
    ['127。0。0。1', 'ideographic full stops'],
    ['%31%32%37.0.0.1', 'percent-encoded'],
    ['0', 'zero'],
    ['0x0', 'zero in hex'],
    ['3232235521', 'a private one in decimal'],
    ['2852039166', 'metadata in decimal'],
    ['0xA9FEA9FE', 'metadata in hex'],
    ['[0:0:0:0:0:0:0:1]', 'loopback in full'],
    ['[0000:0000:0000:0000:0000:0000:0000:0001]', 'loopback with all zeros'],
    ['[::ffff:127.0.0.1]', 'mapped'],
    ['[0:0:0:0:0:ffff:7f00:0001]', 'mapped, in full'],
  ])('%s (%s)', async (host) => {
    await expectRefused(`http://${host}:${forbidden.port}/`, 'refused_address')
  })

  test.each(['2130706433', '0x7f000001', '017700000001', '127.1', '１２７.０.０.１'])(
    '%s would reach the listener, were it not refused',
    async (host) => {
      const own = await startForbidden()
      const open = createSafeFetch({ ...LIMITS, rules: PRIVATE_TOO, resolve })
      await outcomeOf(`http://${host}:${own.port}/`, open)
      expect(own.connections()).toBe(1)
      await open.close()
      await own.close()
    },
  )
})

describe('a trick', () => {
  test.each([
    ['http://127.0.0.1@hook.example:PORT/', 'refused_url'],
    ['http://hook.example@127.0.0.1:PORT/', 'refused_url'],
    ['http://hook.example:pw@127.0.0.1:PORT/', 'refused_url'],
    ['http://hook.example\\@127.0.0.1:PORT/', 'refused_url'],
    ['http://127.0.0.1\t:PORT/', 'refused_url'],
    ['http://127.0.0.1:PORT\r\n\r\nHost: hook.example/', 'refused_url'],
    ['http://localhost:PORT/', 'refused_url'],
    ['http://LocalHost:PORT/', 'refused_url'],
    ['http://ｌｏｃａｌｈｏｓｔ:PORT/', 'refused_url'],
    ['http://localhost.:PORT/', 'refused_url'],
    ['http://a.b.localhost:PORT/', 'refused_url'],
    ['http://metadata.google.internal:PORT/', 'refused_url'],
    ['http://metadata:PORT/', 'refused_url'],
    ['http://[::1%25lo]:PORT/', 'refused_url'],
    ['http://[fe80::1%25lo]:PORT/', 'refused_url'],
    ['gopher://127.0.0.1:PORT/', 'refused_url'],
    ['ftp://127.0.0.1:PORT/', 'refused_url'],
    ['file:///etc/passwd', 'refused_url'],
    ['127.0.0.1:PORT', 'refused_url'],
    ['http:127.0.0.1:PORT/', 'refused_address'],
    ['http:///127.0.0.1:PORT/', 'refused_address'],
    ['http://127.0.0.1:PORT#@hook.example/', 'refused_address'],
    ['http://127.0.0.1:PORT?@hook.example/', 'refused_address'],
  ])('%j', async (url, failure) => {
    answers.set('hook.example', ['127.0.0.1'])
    await expectRefused(url.replace('PORT', String(forbidden.port)), failure)
  })

  test('a name that was good when it was looked at, and is bad when it is dialled', async () => {
    answers.set('rebinding.example', ['1.1.1.1'])
    expect((await resolve('rebinding.example'))[0]?.address).toBe('1.1.1.1')
    answers.set('rebinding.example', ['127.0.0.1'])
    await expectRefused(`http://rebinding.example:${forbidden.port}/`, 'refused_address')
  })

  test.each([
    [['1.1.1.1', '127.0.0.1']],
    [['127.0.0.1', '1.1.1.1']],
    [['2606:4700:4700::1111', '::1']],
    [['1.1.1.1', '8.8.8.8', '::ffff:127.0.0.1']],
  ])('one bad address among %j', async (addresses) => {
    answers.set('several.example', addresses)
    await expectRefused(`http://several.example:${forbidden.port}/`, 'refused_address')
  })

  test('what is no address at all', async () => {
    answers.set('odd.example', ['localhost'])
    await expectRefused(`http://odd.example:${forbidden.port}/`, 'refused_address')
  })

  test('a name without an address, or unknown', async () => {
    answers.set('empty.example', [])
    await expectRefused('https://empty.example/', 'dns')
    await expectRefused('https://unknown.example/', 'dns')
  })

  test('a header with a line break', async () => {
    const result = await fetcher.send({
      ...{ method: 'POST', url: 'http://hook.example/', body: null },
      headers: { 'x-a': 'b\r\nHost: 127.0.0.1' },
    })
    expect(result).toMatchObject({ failure: 'invalid_request', mayHaveArrived: false })
  })
})

test.each(GOOD_ADDRESSES)('%s may be called', (address) => {
  expect(PUBLIC_ONLY.refusalOf(address)).toBeNull()
})
