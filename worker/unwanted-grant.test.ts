import { expect, test } from 'vitest'
import type { GrantedToken } from '../salesforce/token-answer.ts'
import { tokenToGiveBack } from './unwanted-grant.ts'

const grantedWith = (refreshToken: string | null): GrantedToken => ({
  session: {
    accessToken: 'access',
    instanceUrl: 'https://example.my.salesforce.com',
    organizationId: '00D5e000001ABCdEAM',
    scope: 'api',
  },
  refreshToken,
  salesforceUserId: '0055e000003XyZaAAK',
})

test.each([
  // The connection was revoked meanwhile.
  ['rotated', { isActive: false, refreshToken: 'old', isReauthorized: false }, 'rotated'],
  [null, { isActive: false, refreshToken: 'old', isReauthorized: false }, 'access'],
  // A person has authorised it again meanwhile.
  ['rotated', { isActive: true, refreshToken: 'new', isReauthorized: true }, 'rotated'],
  ['new', { isActive: true, refreshToken: 'new', isReauthorized: true }, null],
  [null, { isActive: true, refreshToken: 'new', isReauthorized: true }, null],
  // Another process was quicker: it may hold the successor of this very token.
  ['rotated', { isActive: true, refreshToken: 'next', isReauthorized: false }, null],
])('granted %j, and the connection is %j: %j goes back', (refreshToken, standing, token) => {
  expect(tokenToGiveBack(grantedWith(refreshToken), standing)).toBe(token)
})
