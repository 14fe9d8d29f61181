import { expect, test } from 'vitest'
import { ConfigError } from './config-error.ts'
import { loadConfig } from './environment.ts'

const read = (value: string | undefined) =>
  loadConfig({
    DATABASE_URL: 'postgresql://conveyor:pw@127.0.0.1:5432/conveyor',
    CONVEYOR_WEBHOOK_ALLOWLIST: value,
  }).http.webhookAllowlist

test.each([
  [undefined, []],
  ['', []],
  ['  ', []],
  ['192.0.2.0/24', ['192.0.2.0/24']],
  [' 192.0.2.0/24 , 2001:DB8:0::/32,192.0.2.0/24', ['192.0.2.0/24', '2001:db8::/32']],
  ['0.0.0.0/0,::/0', ['0.0.0.0/0', '::/0']],
  ['192.0.2.7/32,2001:db8::1/128', ['192.0.2.7/32', '2001:db8::1/128']],
  ['::ffff:192.0.2.0/120', ['192.0.2.0/24']],
])('%j is read as %j', (value, networks) => {
  expect(read(value)).toEqual(networks)
})

test.each([
  ...[',', '192.0.2.0/24,', '192.0.2.7', '2001:db8::1', '192.0.2.0/33', '2001:db8::/129'],
  ...['192.0.2.0/', '192.0.2.0/-1', '192.0.2.0/2x', '192.0.2.0/255.255.255.0', '/24', 'all'],
  ...['10/8', '10.1/16', '010.0.0.0/8', '0x0a.0.0.0/8', 'fe80::1%eth0/64', '[::1]/128'],
  ...[
    '::192.0.2.0/120',
    '::ffff:0:0/90',
    '192.0.2.0/24;198.51.100.0/24',
    '192.0.2.0/24 198.51.100.0/24',
  ],
])('%j ends the start, and names the variable', (value) => {
  expect(() => read(value)).toThrow(ConfigError)
  expect(() => read(value)).toThrow(/^CONVEYOR_WEBHOOK_ALLOWLIST: is not a list of networks/)
})
