import { expect, test } from 'vitest'
import { addressGroup } from './address-group.ts'

test.each([
  ['203.0.113.7', '203.0.113.7'],
  ['::ffff:203.0.113.7', '203.0.113.7'],
  ['2600:1:2:3:4:5:6:7', '2600:1:2:3::/64'],
  ['2600:1:2:3::', '2600:1:2:3::/64'],
  ['2600:1:2:4::1', '2600:1:2:4::/64'],
  ['::1', '::/64'],
  ['fe80::1%eth0', 'fe80::1%eth0'],
  ['unknown', 'unknown'],
])('%s counts as %s', (address, group) => {
  expect(addressGroup(address)).toBe(group)
})
